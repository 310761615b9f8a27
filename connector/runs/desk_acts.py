"""What people do about their leads on the desk: accept, reject, get in touch, rate, move on.

An act on a lead that the built-in desk has is an edit of its record there, by a person, and is read back in the
same transaction: clocks, reasons, notices and what marketing is told follow from it as from any other CRM's, and a
later reading finds nothing new. Of a lead that another CRM has, stage and contact are that CRM's (docs/decisions/040);
a rating that it has no field for is kept here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from connector.config import Config
from connector.model import sentences
from connector.model.adapter import Crm, InStoreCrm
from connector.model.errors import RetryableError
from connector.model.handoff import Handoff
from connector.model.mirror import CrmRecord
from connector.model.own_desk import BY_HAND
from connector.runs.deliver import deliver
from connector.runs.desk_record import Acted, Opening, Record, What, connection_of
from connector.runs.news import News
from connector.runs.reassign import Moved, reassign
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime, recorded
from connector.steps.feedback import LONGEST, PAST_ACCEPTANCE, TOUCHES, Told

#: What the question `fit` of a gate is answered in.
FIT = "fit_confirmed"
RATINGS = (1, 2, 3, 4, 5)
#: What a lead must be for an act to have any effect.
_BEFORE_SAL = ("known", "warm", "mql", "rejected")


@dataclass(frozen=True, slots=True)
class Deal:
    """What is said of an opportunity; `amount` None where nobody knows yet, `currency` an ISO code."""

    amount: float | None = None
    currency: str = ""


Edit = Callable[[Record], bool]


def accept(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, answers: Mapping[str, Any] | None = None
) -> Acted:
    """A rep takes a lead, with what was found out at the gate, by canonical fields; an answer of "" is none."""

    def edit(record: Record) -> bool:
        said = {name: value for name, value in record.theirs(answers or {}).items() if value != ""}
        if record.lead.stage not in _BEFORE_SAL:
            return False
        record.edit({"stage": "sal", **said})
        return True

    return _act(runtime, rows, handoff_id, who, edit)


def answer(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, answers: Mapping[str, Any]
) -> Acted:
    """What a rep has found out, or knows better by now; "" clears an answer."""

    def edit(record: Record) -> bool:
        known = record.tx.desk.get("lead", record.key)
        there = known[1] if known else {}
        new = {name: value for name, value in record.theirs(answers).items() if value != there.get(name, "")}
        if new:
            record.edit(new)
        return bool(new)

    return _act(runtime, rows, handoff_id, who, edit)


def correct(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, fields: Mapping[str, Any]
) -> Acted:
    """Correct the data of a lead, by canonical fields, whatever became of its handoff: on the desk a person's word."""

    def edit(record: Record) -> bool:
        new = record.theirs(fields)
        if new:
            record.edit(new)
        return bool(new)

    return _act(runtime, rows, handoff_id, who, edit, closed_too=True)


def reject(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, reason: str, words: str = ""
) -> Acted:
    """A rep gives a lead back. The caller knows that its flow has the reason."""

    def edit(record: Record) -> bool:
        if record.lead.stage == "rejected":
            return False
        record.edit({"stage": "rejected", "reason": reason, "words": words[:LONGEST]})
        return True

    return _act(runtime, rows, handoff_id, who, edit)


def touch(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, kind: str, once: str,
    note: str = "", at: datetime | None = None,
) -> Acted:  # fmt: skip
    """A call, a mail or a meeting (`kind`), at `at` (aware; None: now; never later than that).

    `once` is a word of the form that was filled in: sent twice it is one touch. Raises ValueError for another kind.
    """
    if kind not in TOUCHES:
        raise ValueError(kind)

    def edit(record: Record) -> bool:
        when = min(at or record.now, record.now)
        key = f"{BY_HAND}{record.handoff.id}:{once}"
        if record.tx.desk.get("task", key) is not None:
            return False
        record.note(key, {"kind": kind, "by": record.who, "done_at": when.isoformat(), "note": note[:LONGEST]})
        return True

    return _act(runtime, rows, handoff_id, who, edit)


def qualify(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, answers: Mapping[str, Any] | None = None
) -> Acted:
    """There was a conversation, and the lead is an SQL."""

    def edit(record: Record) -> bool:
        if record.lead.stage in PAST_ACCEPTANCE:
            return False
        said = {name: value for name, value in record.theirs(answers or {}).items() if value != ""}
        record.edit({"stage": "sql", **record.theirs({"conversation": True}), **said})
        return True

    return _act(runtime, rows, handoff_id, who, edit)


def put_deal(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, stage: str, deal: Deal,
    reason: str = "", words: str = "",
) -> Acted:  # fmt: skip
    """The lead's opportunity is `open`, `won` or `lost` (then with a reason); it is made where there is none."""

    def edit(record: Record) -> bool:
        if record.lead.stage == "rejected":
            return False
        known = record.tx.desk.get("opportunity", record.deal_key)
        said: dict[str, Any] = {"stage": stage}
        said |= {"amount": deal.amount, "currency": deal.currency} if deal.amount is not None else {}
        if known is not None and said.items() <= known[1].items():
            return False
        record.edit({"reason": reason, "words": words[:LONGEST]} if stage == "lost" else {}, said)
        return True

    return _act(runtime, rows, handoff_id, who, edit)


def rate(runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, rating: int) -> Acted:
    """How good a lead was, 1 to 5; of one in another CRM only where that has no field for it.

    Raises ValueError for another number.
    """
    if rating not in RATINGS:
        raise ValueError(rating)

    def edit(record: Record) -> bool:
        if record.handoff.rating == rating:
            return False
        record.edit({"rating": rating})
        return True

    acted = _act(runtime, rows, handoff_id, who, edit, closed_too=True)
    return _rate_here(runtime, rows, handoff_id, rating) if acted.what == "elsewhere" else acted


def is_on_desk(config: Config, crm: Callable[[str], Crm], handoff: Handoff) -> bool:
    """Whether a handoff is answered here. Raises what making its CRM raises."""
    return crm(connection_of(config, handoff)).capabilities.in_store


def give_on(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, was: str, to: str, who: str
) -> Moved | None:  # fmt: skip
    """Give an open handoff of `was` to `to` ("": whose turn it is), whichever CRM has it; None where it moved on."""
    now = runtime.clock()
    with recorded(runtime, "reassign") as (run, _):
        built = rows(run.id)
        with runtime.store.write(durable=True) as tx:
            handoff = tx.handoffs.by_ids([handoff_id]).get(handoff_id)
            if handoff is None or handoff.state != "open" or handoff.owner.casefold() != was.casefold():
                return None
            moved = reassign(tx, built, runtime.config, [handoff], to, sentences.BY_WORD, now, who=who)
            if moved and moved[0].to:
                runtime.done(tx)
            return moved[0] if moved else None


def can_rate_here(config: Config, handoff: Handoff) -> bool:
    """Whether another CRM's handoff is rated here: it has no field for that."""
    connection = config.connections.get(connection_of(config, handoff))
    return connection is not None and not (connection.mapping.stage and connection.mapping.stage.rating_field)


def _act(
    runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, who: str, edit: Edit, *, closed_too: bool = False
) -> Acted:
    """Do it in one transaction, where the handoff is still what the person saw."""
    with runtime.store.read() as tx:
        handoff = tx.handoffs.by_ids([handoff_id]).get(handoff_id)
    name = connection_of(runtime.config, handoff) if handoff else ""
    if handoff is None or name not in runtime.config.connections:
        return Acted("gone")
    crm = runtime.crm(name)
    if not crm.capabilities.in_store:
        return Acted("elsewhere", handoff=handoff)
    with recorded(runtime, "desk", name) as (run, counts):
        built = rows(run.id)
        _write_it_there(runtime, name, built, handoff)
        opening = Opening(runtime, built, cast(InStoreCrm, crm), name, counts)
        with runtime.store.write(durable=True) as tx:
            found = opening.record(tx, handoff_id, who)
            if isinstance(found, Acted):
                return found
            if found.handoff.state == "closed" and not closed_too:
                return Acted(_ended(found), found.lead, found.handoff)
            done = edit(found)
            if done:
                runtime.done(tx)
        return _after(runtime, handoff_id, "done" if done else "already")


def _ended(record: Record) -> What:
    """Of what is closed: a second press, or a lead that has moved on. What follows from both is the same, nothing."""
    return "already" if record.handoff.closed_at and record.lead.stage in ("rejected", "lost", "won") else "over"


def _write_it_there(runtime: Runtime, name: str, rows: Rows, handoff: Handoff) -> None:
    """Deliver what waits for the desk, where this lead's record is not there yet; whoever else is at it does it."""
    with runtime.store.read() as tx:
        there = tx.desk.get("lead", our_key(rows.store_id, handoff.lead_id))
    if there is None:
        with suppress(RetryableError):
            deliver(runtime, name, Counter())


def _after(runtime: Runtime, handoff_id: int, what: What) -> Acted:
    with runtime.store.read() as tx:
        handoff = tx.handoffs.by_ids([handoff_id])[handoff_id]
        return Acted(what, tx.intake.leads([handoff.lead_id]).get(handoff.lead_id), handoff)


def _rate_here(runtime: Runtime, rows: Callable[[int], Rows], handoff_id: int, rating: int) -> Acted:
    """Keep a rating that the lead's CRM has no field for; what follows is what follows from one that is read."""
    with runtime.store.read() as tx:
        handoff = tx.handoffs.by_ids([handoff_id])[handoff_id]
    if not can_rate_here(runtime.config, handoff):
        return Acted("elsewhere", handoff=handoff)
    name, now = connection_of(runtime.config, handoff), runtime.clock()
    with recorded(runtime, "desk", name) as (run, counts):
        built = rows(run.id)
        with runtime.store.write(durable=True) as tx:
            handoff = tx.handoffs.by_ids([handoff_id])[handoff_id]
            lead = tx.intake.leads([handoff.lead_id]).get(handoff.lead_id)
            if lead is None or handoff.opened_at is None or lead.merged_into:
                return Acted("over", lead, handoff)
            if handoff.rating == rating:
                return Acted("already", lead, handoff)
            news = News(tx, built, name, now, counts)
            news.handoffs = tx.handoffs.of_leads([lead.id])
            mine = next(one for one in news.handoffs[lead.id] if one.id == handoff_id)
            news.take(lead, mine, Told(rating=rating), CrmRecord("lead", "", modified_at=now))
            news.store()
            runtime.done(tx)
            return Acted("done", lead, mine)
