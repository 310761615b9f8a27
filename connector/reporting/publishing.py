"""Put goals and pages into the CRMs that can show them: once each, however often it is asked for and cut off.

What carries our key is looked for by the CRM's adapter before anything is made. A search may not know yet of what was
just sent, so that a receipt is kept before each call: until when nothing more is sent for that key. Whoever is killed
between the call and its receipt, waits so long and then finds what it had made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from connector.model import sentences
from connector.model.adapter import CrmCapabilities, PublishingCrm
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.outbox import Done, Outcome, Refused, Unknown
from connector.model.publishing import Goal
from connector.reporting.publishable import Thing, things
from connector.runs.goals import keep_what_changed
from connector.runs.moments import daily_moment
from connector.runs.runtime import Lease, Runtime, leased, recorded

#: What became of one: made, brought up to date, there and left alone, not done yet, refused; to be done.
MADE, UPDATED, THERE, LATER, REFUSED, TO_MAKE, TO_UPDATE = (
    "made", "updated", "there", "later", "refused", "to make", "to update",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one goal or page in the CRM `to`; `why`, where it was not done. `id` is the CRM's own."""

    to: str
    kind: str
    name: str
    key: str
    state: str
    id: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Receipt:
    """`id` is known once it was done. Before `not_before` nothing is sent."""

    id: str = ""
    not_before: str = ""

    def waits(self, now: datetime) -> bool:
        return bool(self.not_before) and now < datetime.fromisoformat(self.not_before)


def is_due(runtime: Runtime, name: str) -> bool:
    """Whether the day's publishing into a CRM has not been done; what an admin must mend is told once a day."""
    with runtime.store.read() as tx:
        last = tx.admin.meta(_round(name))
    now = runtime.clock()
    return not last or datetime.fromisoformat(last) < daily_moment(runtime.config.publish.at, now, runtime.config)


def publish_daily(runtime: Runtime, name: str) -> list[Published]:
    """Publish, and note that it was done. Raises what an admin must mend (ConfigError) or what may pass by."""
    begun = runtime.clock()
    found = publish(runtime, name)
    later = [_told(one) for one in found if one.state == LATER]
    if later:
        raise RetryableError("; ".join(later))
    with runtime.store.write() as tx:
        tx.admin.set_meta(_round(name), begun.isoformat())
    if refused := [_told(one) for one in found if one.state == REFUSED]:
        raise ConfigError("; ".join(refused))
    return found


def publish(runtime: Runtime, name: str) -> list[Published]:
    """Put everything into the CRM `name`; what became of each. Raises AuthError, RetryableError."""
    keep_what_changed(runtime)
    with recorded(runtime, "publish", name) as (_, counts), leased(runtime, f"publish:{name}") as lease:
        found = list(_Publishing(runtime, name, lease).run())
        counts.update(f"published: {one.state}" for one in found)
    return found


def planned(runtime: Runtime, name: str) -> list[Published]:
    """What `publish` would do, as far as our receipts know; nothing is asked or written."""
    found, now = [], runtime.clock()
    for thing, receipt in _things(runtime, name):
        state = (TO_UPDATE if receipt.id else TO_MAKE) if not (thing.once and receipt.id) else THERE
        why = _wait(receipt) if receipt.waits(now) else ""
        found.append(Published(name, thing.kind, thing.name, thing.key, LATER if why else state, receipt.id, why))
    return found


def _things(runtime: Runtime, name: str) -> list[tuple[Thing, _Receipt]]:
    """What is to be published and can be shown there, with what is known of it."""
    shown = runtime.crm(name).capabilities.publishes
    with runtime.store.read() as tx:
        found = [thing for thing in things(tx, runtime.config, runtime.clock(), name) if thing.kind in shown]
        kept = {word: _Receipt(**orjson.loads(text)) for word, text in tx.admin.metas(_place(name, "")).items()}
    pairs = [(thing, kept.get(_place(name, thing.key), _Receipt())) for thing in found]
    return [(thing, receipt) for thing, receipt in pairs if receipt.id or not thing.past]


class _Publishing:
    """One CRM, under a lease."""

    def __init__(self, runtime: Runtime, name: str, lease: Lease) -> None:
        self.runtime, self.name, self.lease = runtime, name, lease
        self.crm = cast(PublishingCrm, runtime.crm(name))

    @property
    def _capabilities(self) -> CrmCapabilities:
        return self.crm.capabilities

    def run(self) -> Iterator[Published]:
        """One after the other, until we are told to stop."""
        for thing, receipt in _things(self.runtime, self.name):
            if self.runtime.stop.is_set():
                return
            done = Published(self.name, thing.kind, thing.name, thing.key, THERE, receipt.id)
            if receipt.waits(self.runtime.clock()):
                yield replace(done, state=LATER, why=_wait(receipt))
            elif thing.once and receipt.id:
                yield done
            else:
                yield self._put(thing, receipt, done)

    def _put(self, thing: Thing, receipt: _Receipt, done: Published) -> Published:
        self._keep(thing, replace(receipt, not_before=self._after(self._unknown)))
        made = thing.made
        try:
            outcome = self.crm.put_goal(made) if isinstance(made, Goal) else self.crm.publish_page(made)
        except AuthError:
            self._keep(thing, receipt)
            raise
        self._keep(thing, self._learned(receipt, outcome))
        if isinstance(outcome, Done):
            return replace(done, state=UPDATED if receipt.id else MADE, id=outcome.crm_id)
        return replace(done, state=REFUSED if isinstance(outcome, Refused) else LATER, why=outcome.reason)

    def _learned(self, receipt: _Receipt, outcome: Outcome) -> _Receipt:
        """What is known by an outcome. Of what was never seen there, a part may have been made."""
        if isinstance(outcome, Unknown):
            return replace(receipt, not_before=self._after(self._unknown))
        if receipt.id:
            return replace(receipt, not_before="")
        id = outcome.crm_id if isinstance(outcome, Done) else ""
        return _Receipt(id, self._after(self._capabilities.lag))

    @property
    def _unknown(self) -> float:
        """Seconds until what became of a call can be known."""
        return self._capabilities.deadline + self._capabilities.settle + self._capabilities.lag

    def _after(self, seconds: float) -> str:
        return (self.runtime.clock() + timedelta(seconds=seconds)).isoformat() if seconds else ""

    def _keep(self, thing: Thing, receipt: _Receipt) -> None:
        said: dict[str, Any] = {"id": receipt.id, "not_before": receipt.not_before}
        with self.lease.write(durable=True) as tx:
            tx.admin.set_meta(_place(self.name, thing.key), orjson.dumps(said).decode())


def _wait(receipt: _Receipt) -> str:
    return sentences.NOT_IN_SIGHT_YET % {"time": receipt.not_before}


def _told(one: Published) -> str:
    return f"{one.to}: {one.name}: {one.why}"


def _place(name: str, key: str) -> str:
    return f"published:{name}:{key}"


def _round(name: str) -> str:
    return f"published daily:{name}"
