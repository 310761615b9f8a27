"""What fails at present: kept in the store by job, so that whoever asks is told why, since when, and what mends it.

A job has the daemon's name for it (`pull:hubspot`, `deliver:salesforce`), whoever runs it: what works when it is run
by hand fails no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from connector.model.errors import AuthError, BatonError
from connector.model.ports import Transaction
from connector.runs.runtime import Runtime

PREFIX = "failing:"
#: A CRM that could not be asked who is there already, before its connection's name.
HAND_OVER = "hand over:"
#: The job that reads a CRM back, before its connection's name.
BRING_BACK = "bring_back:"


@dataclass(frozen=True, slots=True)
class Failing:
    """A job that failed when it was last run. `mend` is the command that puts it right, "" where there is none.

    `parked_until`: it is not tried again before that.
    """

    job: str
    kind: str
    what: str
    mend: str
    since: datetime
    parked_until: datetime | None = None

    @property
    def connection(self) -> str:
        """The connection concerned, "" for none."""
        return self.job.partition(":")[2]


def note(
    tx: Transaction, job: str, error: BatonError | None, now: datetime, parked_until: datetime | None = None
) -> None:
    """Keep how a job ended: with `error`, or well. The time of the first of several failures stays."""
    kept = _read(tx.admin.meta(PREFIX + job))
    if error is None:
        if kept is not None:
            tx.admin.set_meta(PREFIX + job, "")
        return
    mend = error.mend if isinstance(error, AuthError) else ""
    since = kept.since if kept is not None else now
    found = Failing(job, type(error).__name__, str(error), mend, since, parked_until)
    if found != kept:
        tx.admin.set_meta(PREFIX + job, orjson.dumps(asdict(found)).decode())


def keep(runtime: Runtime, ended: Mapping[str, BatonError | None]) -> None:
    """Keep how several jobs ended; nothing is written where all is well and was."""
    with runtime.store.read() as tx:
        known = tx.admin.metas(PREFIX)
    told = {job: error for job, error in ended.items() if error is not None or PREFIX + job in known}
    if told:
        with runtime.store.write() as tx:
            for job, error in told.items():
                note(tx, job, error, runtime.clock())


def asked(runtime: Runtime, failures: Sequence[tuple[str, BatonError]]) -> dict[str, BatonError | None]:
    """How it went to ask the CRMs who is there, by job."""
    told = dict(failures)
    return {HAND_OVER + flow.crm: told.get(flow.crm) for flow in runtime.config.flows.values()}


def failing(tx: Transaction) -> list[Failing]:
    """What fails at present, the longest first."""
    found = [_read(text) for text in tx.admin.metas(PREFIX).values()]
    return sorted((one for one in found if one is not None), key=lambda one: (one.since, one.job))


def unread(tx: Transaction) -> frozenset[str]:
    """CRMs that could not be read back when they were last asked: what people answered there is not known."""
    return frozenset(one.connection for one in failing(tx) if one.job.startswith(BRING_BACK))


def _read(text: str) -> Failing | None:
    if not text:
        return None
    kept = orjson.loads(text)
    until = kept["parked_until"]
    times = {"since": datetime.fromisoformat(kept["since"]), "parked_until": until and datetime.fromisoformat(until)}
    return Failing(**{**kept, **times})
