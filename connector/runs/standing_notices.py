"""Tell of what fails or was stopped, once a change: connections in trouble and flows that are parked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connector.model.follow_up import NoticeState
from connector.model.notices import Notice
from connector.model.ports import Transaction
from connector.runs.failing import failing
from connector.runs.notices import announce
from connector.runs.runtime import Runtime

#: A failure that mends itself within this is nobody's trouble.
PATIENCE = timedelta(minutes=5)
WELL = "well"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that stands and may end. `says` is the text at its begin, `ended` the one at its end."""

    key: str
    kind: str
    says: str
    ended: str
    since: datetime
    values: Mapping[str, Any]
    flow: str = ""


def tell_standing(runtime: Runtime) -> int:
    """Tell what has changed since it was told last; returns how many notices are new."""
    if not {"sync trouble", "parked flow"} & runtime.config.notices.keys():
        return 0
    now = runtime.clock()
    with runtime.store.read() as tx:
        found = {one.key: one for one in (*_failing(tx), *_parked(tx))}
        known = {one.key: one for one in tx.notice_states.all() if one.kind in ("sync trouble", "parked flow")}
    begun = [one for key, one in found.items() if _is_new(one, known.get(key), now)]
    ended = [one for key, one in known.items() if key not in found and one.state != WELL]
    if not begun and not ended:
        return 0
    with runtime.store.write() as tx:
        tx.notice_states.put([NoticeState(one.key, one.kind, "failing", one.since, now, _kept(one)) for one in begun])
        tx.notice_states.put([replace(one, state=WELL, told_at=now) for one in ended])
        notices = [_begun(one) for one in begun] + [_ended(one, now) for one in ended]
        return announce(tx, runtime.config, notices, now)


def _is_new(one: Trouble, known: NoticeState | None, now: datetime) -> bool:
    waited = one.kind == "parked flow" or now - one.since >= PATIENCE
    return waited and (known is None or known.state == WELL)


def _failing(tx: Transaction) -> list[Trouble]:
    return [
        Trouble(
            f"sync:{one.job}",
            "sync trouble",
            "sync trouble",
            "sync well",
            one.since,
            {"connection": one.connection or one.job, "what": one.what, "since": one.since, "mend": one.mend},
        )
        for one in failing(tx)
    ]


def _parked(tx: Transaction) -> list[Trouble]:
    return [
        Trouble(
            f"parked:{one.key}",
            "parked flow",
            "parked",
            "released",
            one.first_at,
            {"flow": one.flow, "why": one.reason, "since": one.first_at},
            one.flow,
        )
        for one in tx.reviews.open("parked_flow")
        if one.first_at is not None
    ]


def _kept(one: Trouble) -> dict[str, Any]:
    """What its end will tell; no word of the error, which may be long."""
    kept = {name: one.values[name] for name in ("connection", "flow") if name in one.values}
    return {**kept, "ended": one.ended}


def _begun(one: Trouble) -> Notice:
    return Notice(one.kind, one.says, f"{one.key}:{one.since.isoformat()}", one.since, values=one.values)


def _ended(one: NoticeState, now: datetime) -> Notice:
    values = {**{name: value for name, value in one.body.items() if name != "ended"}, "since": one.since}
    key = f"{one.key}:{one.since.isoformat()}:{WELL}"
    return Notice(one.kind, str(one.body.get("ended", "sync well")), key, now, values=values)
