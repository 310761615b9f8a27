"""Two leads of ours become one: in one transaction, with all that is needed to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.handoff import NOT_YET_OUT, Handoff
from connector.model.joining import How, Joining, Pair
from connector.model.lead import Lead
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.model.sentences import ONE_WITH
from connector.model.stages import Stage, Transition
from connector.runs.consent import owe, said_anything
from connector.runs.rows import our_key
from connector.runs.terms import terms_of
from connector.runs.undecided import report
from connector.steps.identity import derive_again, join
from connector.steps.joining import BY_DEAL, kept, remember_addresses, standing, stay_out, took, winner_of
from connector.steps.sides import Settled, Terms, silence_crm, without_crm

#: Why a lead moved, as it is kept with the transition.
JOINED = "one with a lead in a deal"
WITH_WAITING = "one with a lead that waits for a rep"
#: What a lead of ours is in a CRM.
OBJECTS = ("lead", "contact")
#: The store's word of the CRMs in which both of a joining, by its id, have a record.
TO_MERGE = "to_merge:"


def further(tx: Transaction, one: int, other: int, first: int = 0) -> tuple[int, int]:
    """(the lead that stays, the other one), of two that are one person; see `winner_of`."""
    leads, handoffs = tx.intake.leads([one, other]), tx.handoffs.of_leads([one, other])
    winner, loser = winner_of(leads[one], leads[other], handoffs, first, _in_crm(tx, handoffs))
    return winner.id, loser.id


def _in_crm(tx: Transaction, handoffs: Mapping[int, Sequence[Handoff]]) -> set[int]:
    """Which of these leads have a record of their own, there still: what was given may not have been sent yet."""
    store = tx.admin.store_id()
    places = {(id, one.target, object) for id, given in handoffs.items() for one in given for object in OBJECTS}
    return {
        id for id, target, object in places if target
        for one in tx.outbox.receipts(target, object, [our_key(store, id)]).values() if one.crm_id and not one.gone
    }  # fmt: skip


def make_one(
    tx: Transaction, config: Config, winner: int, loser: int, how: How, by: str, now: datetime
) -> Joining | None:
    """Let `winner` be both; returns what is kept of it, None where they are one already, or one is not known.

    Leads that were merged before are followed to those that stand for them. A lead that alone is with a rep stays,
    whichever is named: see the joining for who did. `by` is as of `Joining`.
    """
    found = tx.intake.leads([winner, loser])
    last = [found[one].merged_into or one for one in (winner, loser) if one in found]
    if len(last) < 2 or last[0] == last[1]:
        return None
    leads, handoffs = tx.intake.leads(last), tx.handoffs.of_leads(last)
    first, second = leads[last[0]], leads[last[1]]
    if standing(second, handoffs.get(second.id, ()))[0] and not standing(first, handoffs.get(first.id, ()))[0]:
        first, second = second, first
    given = [handoffs.get(lead.id, []) for lead in (first, second)]
    return _Two(tx, config, first, second, given[0], given[1], Joining(first.id, second.id, how, by, now)).run()


@dataclass(slots=True)
class _Two:
    """Makes two leads one."""

    tx: Transaction
    config: Config
    winner: Lead
    loser: Lead
    own: Sequence[Handoff]
    theirs: Sequence[Handoff]
    joining: Joining
    moved: list[Handoff] = field(default_factory=list)

    def run(self) -> Joining:
        tx, winner, loser, joining = self.tx, self.winner, self.loser, self.joining
        before = joining.before = {"winner": kept(winner), "loser": kept(loser)}
        before["handoffs"] = [
            [one.id, one.lead_id, one.state, one.reason] for one in (*self.own, *self.theirs) if one.state != "closed"
        ]
        before["receipts"] = [_receipt(one) for one in self._receipts()]
        before["not_sent"] = self._withdraw()
        if said_anything(tx, winner.id, loser):
            owe(tx, winner.id)
        before["store"] = tx.intake.merge(loser.id, winner.id, joining.at)
        self._fields()
        self._handoffs()
        before["took"] = took(before["winner"], winner)
        tx.intake.update_leads([winner], joining.at)
        before["copies"] = self._records()
        before["pairs"] = self._pairs()
        joining.id = tx.joinings.add(joining)
        if before["in_crm"]:
            tx.admin.set_meta(f"{TO_MERGE}{joining.id}", ",".join(before["in_crm"]))
        # It is found by all that both are known by.
        tx.keys.wait([winner.id])
        tx.scores.mark_due([winner.id], joining.at)
        tx.keys.wait([winner.id])
        return joining

    # what they say

    def _fields(self) -> None:
        """What both know is settled by the rules of the winner's flow; with the other's deal comes its stage."""
        winner, loser = self.winner, self.loser
        terms = terms_of(self.config, winner.flow)
        settled = Settled()
        taken = join(winner, self._as_it_counts(terms), terms, settled)
        report(self.tx, [(winner, terms, settled)], self.joining.at)
        stay_out(winner, loser)
        remember_addresses(winner, loser)
        if "opportunity.id" in taken and loser.stage in BY_DEAL and winner.stage not in BY_DEAL:
            self._moved_to(loser.stage, JOINED)

    def _as_it_counts(self, terms: Terms) -> Lead:
        """The loser with no more than what counts of it; a record that was deleted speaks for neither.

        Nothing that the CRM said of the loser counts where the two were made one there: people chose then what the
        record says.
        """
        mine, theirs = (self._has_record(terms.crm, lead) for lead in (self.winner, self.loser))
        in_crm = self.joining.how == "crm"
        if theirs and not mine and not in_crm and silence_crm(self.winner, terms):
            derive_again(self.winner)
        return self.loser if theirs and not in_crm else without_crm(self.loser, terms)

    def _has_record(self, crm: str, lead: Lead) -> bool:
        key = self._keys()[lead.id]
        return any(one.target == crm and one.our_key == key and one.crm_id and not one.gone for one in self._receipts())

    def _moved_to(self, to: Stage, why: str) -> None:
        lead, now = self.winner, self.joining.at
        score = lead.score
        version, total, grade = (score.version, score.total, score.grade) if score else ("", 0, "")
        by = self.joining.by or "baton"
        move = Transition(lead.id, lead.flow, lead.stage, to, now, by, why, version, total, grade)
        self.tx.scores.add_transitions([move])
        lead.stage, lead.stage_since = to, now

    # who has them

    def _handoffs(self) -> None:
        """What waits for a rep goes on with the winner; where it has one itself, or is won, the other's is closed.

        So it is where the winner's record was deleted: it is not made again, and a rep would be given nothing.
        """
        live = [one for one in self.theirs if one.state != "closed"]
        if self.winner.stage == "won":
            self._close([*self.own, *live])
            return
        busy = any(one.state != "closed" for one in self.own) or self.winner.stage in BY_DEAL or self._was_deleted()
        self.moved = [] if busy else [one for one in live if one.state in NOT_YET_OUT]
        for one in self.moved:
            one.lead_id = self.winner.id
        self.tx.handoffs.save(self.moved)
        if self.moved and self.loser.stage == "mql":
            self.winner.flow, self.winner.owner = self.loser.flow, self.loser.owner or self.winner.owner
            self._moved_to("mql", WITH_WAITING)
        self._close(one for one in live if one not in self.moved)

    def _was_deleted(self) -> bool:
        """Whether the winner had records in a CRM, and people deleted them all: it is not handed over there again."""
        mine = [one for one in self._receipts() if one.our_key == self._keys()[self.winner.id]]
        return bool(mine) and all(one.gone for one in mine)

    def _close(self, handoffs: Iterable[Handoff]) -> None:
        ended = [one for one in handoffs if one.state != "closed"]
        for one in ended:
            one.state, one.closed_at = "closed", self.joining.at
            one.reason = ONE_WITH % {"id": self.winner.id}
        self.tx.handoffs.save(ended)

    # what is in the CRMs

    def _targets(self) -> list[str]:
        return sorted({one.target for one in (*self.own, *self.theirs) if one.target})

    def _keys(self) -> dict[int, str]:
        store = self.tx.admin.store_id()
        return {lead.id: our_key(store, lead.id) for lead in (self.winner, self.loser)}

    def _receipts(self) -> list[Receipt]:
        """Of both, as far as they are in a CRM."""
        keys = list(self._keys().values())
        return [
            one for target in self._targets() for object in OBJECTS
            for one in self.tx.outbox.receipts(target, object, keys).values()
        ]  # fmt: skip

    def _withdraw(self) -> list[int]:
        """What waits to be sent of somebody who is in no CRM yet is not sent; the handoffs that are so over."""
        waiting = self.tx.outbox.rows(lead_id=self.loser.id) if self.theirs else []
        key = self._keys()[self.loser.id]
        begun = {row.target for row in waiting if row.attempts}
        begun |= {one.target for one in self._receipts() if one.our_key == key}
        unsent = [row for row in waiting if row.state == "waiting" and row.target not in begun]
        targets = {row.target for row in unsent}
        for run_id in sorted({row.run_id for row in unsent}):
            self.tx.outbox.withdraw(run_id, self.loser.id, self.joining.at)
        return [one.id for one in self.theirs if one.target in targets and one.state == "open"]

    def _records(self) -> list[dict[str, Any]]:
        """Whose record is the only one is written to as the winner's from now on; returns what was made so.

        Where both have one of their own in a CRM it is noted, by its name: people merge them there.
        """
        keys = self._keys()
        live: dict[tuple[str, int], list[Receipt]] = {}
        for one in self._receipts():
            if not one.gone and one.crm_id:
                owner = self.winner.id if one.our_key == keys[self.winner.id] else self.loser.id
                live.setdefault((one.target, owner), []).append(one)
        both = [name for name in self._targets() if all((name, lead.id) in live for lead in (self.winner, self.loser))]
        differ = [
            name for name in both
            if {one.crm_id for one in live[name, self.winner.id]}.isdisjoint(
                one.crm_id for one in live[name, self.loser.id])
        ]  # fmt: skip
        if self.joining.how == "crm":
            both, differ = self._targets(), []
        self.joining.before["in_crm"] = differ
        made = [
            replace(one, our_key=keys[self.winner.id], lead_id=self.winner.id)
            for (name, owner), some in live.items() if owner == self.loser.id and name not in both
            for one in some
        ]  # fmt: skip
        self.tx.outbox.put_receipts(made)
        return [_receipt(one) for one in made]

    # what was found of them

    def _pairs(self) -> list[list[int]]:
        """Whom the loser is not is not the winner either; the questions about the loser are over.

        Returns the pairs of leads that were said to be different so.
        """
        tx, winner, loser, now = self.tx, self.winner.id, self.loser.id, self.joining.at
        pairs = tx.pairs.of_leads([loser])
        others = {one.id: one.one if one.other == loser else one.other for one in pairs}
        apart = [one for one in pairs if one.state == "different" and others[one.id] != winner]
        ended = [replace(one, state="ended") for one in pairs if one.state == "open"]
        tx.pairs.save(ended)
        return [list(two) for one in apart if (two := say_different(tx, winner, others[one.id], one, now))]


def was_in_hand(handoff: Handoff) -> bool:
    """Whether a rep had a lead until it became one with another, that a rep has too."""
    return handoff.opened_at is not None and handoff.reason.startswith(ONE_WITH.partition("%")[0])


def say_different(tx: Transaction, lead: int, other: int, like: Pair, now: datetime) -> tuple[int, int] | None:
    """Remember that two leads are two people, as was said of a pair; None where a person has decided about them."""
    two = (min(lead, other), max(lead, other))
    known = {one.one_other: one for one in tx.pairs.of_leads([lead])}
    if two in known and known[two].state in ("same", "different"):
        return None
    if two not in known:
        tx.pairs.put([Pair(*two, like.points, like.band, list(like.findings))], now)
        known = {one.one_other: one for one in tx.pairs.of_leads([lead])}
    said = replace(
        known[two], state="different", note=like.note, decided_by=like.decided_by, decided_at=like.decided_at or now
    )
    tx.pairs.save([said])
    return two


def is_different(tx: Transaction, one: int, other: int) -> bool:
    """Whether a person said that two leads are two people."""
    two = (min(one, other), max(one, other))
    return any(pair.one_other == two and pair.state == "different" for pair in tx.pairs.of_leads([one]))


def _receipt(one: Receipt) -> dict[str, Any]:
    """Where something is written to, JSON-ready."""
    return {
        "target": one.target, "object": one.object, "our_key": one.our_key, "crm_id": one.crm_id,
        "lead_id": one.lead_id, "gone": one.gone,
    }  # fmt: skip
