"""Messages that were taken, held against what was to be told; and what there is after a week of handoffs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.model.notices import AT_MOST_ONCE, TARGET
from connector.selftest import sayings
from connector.selftest.books import Amiss, counted, followed
from connector.selftest.world import Verdict
from connector.selftest.worlds._books import EVERY, LOST, handoffs_of, left

if TYPE_CHECKING:
    from adapters._world import Thing
    from connector.model.outbox import OutboxRow
    from connector.model.ports import Store, Transaction

#: Moments within keys and texts, which differ where a killed program is started again some minutes later.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+-]*")

TEAMS = ("sales", "ae")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def judged(
    store: Store, things: Sequence[Thing], letters: Sequence[Mapping[str, Any]], expected: Mapping[str, int]
) -> Verdict:
    """What is there against what there is where nobody was killed, and every message against its row."""
    found, again = Amiss(), list[str]()
    there = tally(store, things)
    counted(expected, there, found)
    with store.read() as tx:
        messages(tx, letters, found, again)
        found.other += followed(tx, handoffs_of(tx))
        for kind, text in left(tx):
            (found.lost if kind == LOST else found.other).append(text)
    shown = Counter(name.partition(" of ")[0] for name in there.elements()) + Counter(messages=len(letters))
    return Verdict(tuple(found.lost), tuple(found.double), tuple(found.other), may_double=tuple(again), shown=shown)


def messages(tx: Transaction, letters: Sequence[Mapping[str, Any]], found: Amiss, again: list[str]) -> None:
    """Each notice came: at least once where somebody must act on it, at most once where it only reminds."""
    taken = Counter(_taken(one) for one in letters)
    for row in tx.outbox.rows(target=TARGET, limit=EVERY):
        count, said = taken.pop(_to_come(row), 0), {"subject": row.values["subject"], "to": row.values["to"]}
        if row.values["about"] in AT_MOST_ONCE:
            found.double += [sayings.TOLD_TWICE % {**said, "count": count}] * (count > 1)
        elif count == 0:
            found.lost.append(sayings.NOT_TOLD % said)
        elif count > 1:
            again.append(sayings.TOLD_TWICE % {**said, "count": count})
    found.other += [sayings.TOLD_OF_NOTHING % {"subject": subject, "to": to} for to, subject in taken]


def _taken(letter: Mapping[str, Any]) -> tuple[str, str]:
    """Where a message went, and what tells it apart: a mail's id, or all that a hook was told."""
    if letter["id"]:
        return f"mail:{letter['to']}", str(letter["id"]).strip("<>").partition("@")[0]
    return f"secret:{str(letter['to']).rpartition('/')[2]}", _words(letter["subject"], letter["text"])


def _to_come(row: OutboxRow) -> tuple[str, str]:
    from connector.runs.notices import message_id

    to = str(row.values["to"])
    return to, message_id(row.key) if to.startswith("mail:") else _words(row.values["subject"], row.values["text"])


def _words(*texts: Any) -> str:
    return " ".join(" ".join(map(str, texts)).split())


# --- what there is


def tally(store: Store, things: Iterable[Thing]) -> Counter[str]:
    """How many there are of each thing, by what it is and whose."""
    found = Counter(f"{one.object} of {_of(one)}" for one in things if one.our_key)
    with store.read() as tx:
        turns = [turn for team in TEAMS for turn in tx.handoffs.turns(team, EVERY)]
        found.update(_handoffs(tx))
        found.update(f"turn of handoff {one.handoff_id}: {one.email}" for one in turns)
        found.update(f"notice of {row.values['to']}: {row.values['about']}, {row.values['subject']}"
                     for row in tx.outbox.rows(target=TARGET, limit=EVERY))  # fmt: skip
        found.update(f"absence of {one.email} by {one.by}" for one in tx.rosters.absences(LONG_AGO))
        found.update(f"stored {what} of all" for what, count in tx.reports.totals().items() for _ in range(count))
    return found


def _of(thing: Thing) -> str:
    whose = thing.values.get("email") or thing.values.get("owner") or ""
    return f"{whose}, {thing.values.get('owner', '')}, {thing.values.get('stage', '')}"


def _handoffs(tx: Transaction) -> Iterator[str]:
    """Handoffs with what happened to them, and the stages of their leads."""
    handoffs = handoffs_of(tx)
    events = tx.handoff_events.of_handoffs([one.id for one in handoffs])
    for one in handoffs:
        yield f"handoff of lead {one.lead_id} as {one.stage}: {one.owner}, {one.state}"
        for event in events.get(one.id, ()):
            yield f"event of handoff {one.id}: {_MOMENT.sub('', event.key)} {event.who}"
    for lead_id in sorted({one.lead_id for one in handoffs}):
        yield from (f"stage of lead {lead_id}: {one.to}" for one in tx.scores.transitions(lead_id))
