"""What people decide about leads that may be one person: the same, or two; and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from connector.config import Config
from connector.model.joining import Joining, Pair
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.joining import TO_MERGE, further, make_one
from connector.runs.respect import PEOPLE
from connector.runs.rows import our_key
from connector.runs.take_apart import Apart, comes_first, is_live, take_apart
from connector.steps.joining import standing

#: Why a decision cannot be taken.
Refused = Literal[
    "no_pair", "decided", "over", "not_theirs", "further", "not_decided", "no_joining", "apart", "first", "too_old"
]


class DecisionError(Exception):
    """It cannot be decided so: `why`, with what it is about (numbers of leads, a joining, who decided)."""

    def __init__(self, why: Refused, **about: object) -> None:
        super().__init__(why)
        self.why, self.about = why, about


@dataclass(frozen=True, slots=True)
class ToMerge:
    """Records of one person that are two in a CRM: people merge them there. `stays` is what Baton writes to."""

    connection: str
    object: str
    stays: str
    other: str
    joining: int
    lead: int


def same(
    tx: Transaction, config: Config, number: int, by: str, now: datetime, *, keep: int = 0, note: str = ""
) -> Joining:  # fmt: skip
    """The two leads of a pair are one person. Raises DecisionError."""
    pair = _open(tx, number)
    winner, loser = _kept(tx, pair, keep) if keep else further(tx, pair.one, pair.other)
    tx.pairs.save([replace(pair, state="same", note=note, decided_by=by, decided_at=now)])
    made = make_one(tx, config, winner, loser, "person", by, now)
    if made is None:
        raise DecisionError("over", pair=number)
    return made


def different(tx: Transaction, number: int, by: str, now: datetime, *, note: str = "") -> Pair:
    """The two leads of a pair are two people: nobody is asked again. Raises DecisionError."""
    pair = _open(tx, number)
    said = replace(pair, state="different", note=note, decided_by=by, decided_at=now)
    tx.pairs.save([said])
    return said


def undo(tx: Transaction, number: int, by: str, now: datetime) -> tuple[Pair, Apart | None]:
    """A decision is taken back: the pair waits again, and who was made one by it is two. Raises DecisionError."""
    pair = _pair(tx, number)
    if pair.state not in ("same", "different"):
        raise DecisionError("not_decided", pair=number)
    made = _by_decision(tx, pair) if pair.state == "same" else None
    done = apart(tx, made.id, by, now) if made else None
    again = replace(pair, state="open", note="", decided_by="", decided_at=None)
    tx.pairs.save([again])
    return again, done


def apart(tx: Transaction, number: int, by: str, now: datetime) -> Apart:
    """Take a joining apart. Raises DecisionError where it was before, or another one must be first."""
    joining = tx.joinings.get(number)
    if joining is None:
        raise DecisionError("no_joining", joining=number)
    if joining.undone_at is not None:
        raise DecisionError("apart", joining=number, by=joining.undone_by)
    if later := comes_first(tx, joining):
        raise DecisionError("first", joining=number, first=later.id)
    if not joining.before:
        raise DecisionError("too_old", joining=number)
    done = take_apart(tx, joining, by, now)
    if done is None:
        raise DecisionError("no_joining", joining=number)
    return done


def to_merge(tx: Transaction) -> list[ToMerge]:
    """Records that people are to merge in a CRM, since their leads are one by now; those that were are left out."""
    told = {int(name.removeprefix(TO_MERGE)): targets for name, targets in tx.admin.metas(TO_MERGE).items()}
    found: list[ToMerge] = []
    for number in sorted(told):
        joining = tx.joinings.get(number)
        if joining is not None and joining.undone_at is None:
            found += [one for target in told[number].split(",") for one in _two_records(tx, joining, target)]
    return found


def _two_records(tx: Transaction, joining: Joining, target: str) -> Iterator[ToMerge]:
    """The two records of a joining in a CRM, while both are there."""
    own, theirs = (_record(tx, target, lead_id) for lead_id in (joining.winner, joining.loser))
    lead = tx.intake.leads([joining.winner]).get(joining.winner)
    if own and theirs and lead and own.crm_id != theirs.crm_id:
        stands = lead.merged_into or lead.id
        yield ToMerge(target, theirs.object, own.crm_id, theirs.crm_id, joining.id, stands)


def _record(tx: Transaction, target: str, lead_id: int) -> Receipt | None:
    """The record that a lead has in a CRM, where it is there as far as is known; what a lead became comes first."""
    key = our_key(tx.admin.store_id(), lead_id)
    for object in reversed(PEOPLE):
        one = tx.outbox.receipts(target, object, [key]).get(key)
        if one is None or one.gone:
            continue
        seen = [found for kind in PEOPLE for found in tx.mirror.get(target, kind, [one.crm_id]).values()]
        if not seen or any(map(is_live, seen)):
            return one
    return None


def _pair(tx: Transaction, number: int) -> Pair:
    found = tx.pairs.get([number])
    if not found:
        raise DecisionError("no_pair", pair=number)
    return found[0]


def _open(tx: Transaction, number: int) -> Pair:
    pair = _pair(tx, number)
    if pair.state in ("same", "different"):
        raise DecisionError("decided", pair=number, by=pair.decided_by, state=pair.state)
    if pair.state == "ended":
        raise DecisionError("over", pair=number)
    return pair


def _kept(tx: Transaction, pair: Pair, keep: int) -> tuple[int, int]:
    """(who stays, the other one), where somebody has chosen: not whom alone a rep has given up for the other."""
    if keep not in pair.one_other:
        raise DecisionError("not_theirs", lead=keep, one=pair.one, other=pair.other)
    other = pair.one if keep == pair.other else pair.other
    leads, handoffs = tx.intake.leads([keep, other]), tx.handoffs.of_leads([keep, other])
    reached = {id: standing(lead, handoffs.get(id, ()))[0] for id, lead in leads.items()}
    if reached.get(other, 0) > reached.get(keep, 0):
        raise DecisionError("further", lead=other)
    return keep, other


def _by_decision(tx: Transaction, pair: Pair) -> Joining | None:
    """The joining that a decision about a pair has made; None where it was taken apart since."""
    for one in reversed(tx.joinings.of_leads(pair.one_other)):
        if {one.winner, one.loser} == set(pair.one_other) and one.how == "person" and one.undone_at is None:
            return one
    return None
