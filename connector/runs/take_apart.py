"""Take a joining back: what was one lead is two again, each with what was its own.

What was done and said since stays with the record that did or said it. What a platform has merged it does not give
back: a lead whose record is gone there stands without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.model.handoff import NOT_YET_OUT, Handoff
from connector.model.joining import Joining, Pair
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.model.stages import Transition
from connector.runs.consent import owe
from connector.runs.joining import TO_MERGE, say_different
from connector.runs.respect import PEOPLE
from connector.steps.joining import IN_SALES, brought_back, taken_back

#: Why a lead moved, as it is kept with the transition.
APART = "taken apart again"


@dataclass(slots=True)
class Apart:
    """Two leads that are two again, and what did not come back.

    `gone` are records of the one that is not the winner which are there no more (connection, object, id); `stays` are
    handoffs that were given to a rep since, and are the winner's; `over` those of the other that cannot be open again.
    """

    joining: Joining
    gone: list[tuple[str, str, str]] = field(default_factory=list)
    stays: list[int] = field(default_factory=list)
    over: list[int] = field(default_factory=list)


def comes_first(tx: Transaction, joining: Joining) -> Joining | None:
    """The joining that must be taken apart before this one: the last that one of the two leads has had since."""
    later = [one for one in tx.joinings.of_leads([joining.winner, joining.loser]) if one.id > joining.id]
    return next((one for one in reversed(later) if one.undone_at is None), None)


def take_apart(tx: Transaction, joining: Joining, by: str, now: datetime) -> Apart | None:
    """Two leads again; None where it cannot be: taken apart before, or not the last, or one was forgotten.

    `by` is who says so: a login, or the connection whose record came back.
    """
    leads = tx.intake.leads([joining.winner, joining.loser])
    if joining.undone_at is not None or comes_first(tx, joining) or len(leads) < 2 or not joining.before:
        return None
    if leads[joining.loser].merged_into != joining.winner:
        return None
    return _Parting(tx, joining, by, now).run()


@dataclass(slots=True)
class _Parting:
    """Takes one joining back."""

    tx: Transaction
    joining: Joining
    by: str
    now: datetime
    done: Apart = field(init=False)

    def __post_init__(self) -> None:
        self.done = Apart(self.joining)

    def run(self) -> Apart:
        tx, joining, before = self.tx, self.joining, self.joining.before
        words = tx.consents.of_leads([joining.winner]).get(joining.winner, [])
        tx.intake.split(joining.loser, joining.winner, before["store"], self.now)
        leads = tx.intake.leads([joining.winner, joining.loser])
        winner, loser = leads[joining.winner], leads[joining.loser]
        self._fields(winner, loser)
        self._records()
        self._handoffs(loser)
        tx.intake.update_leads([winner, loser], self.now)
        tx.keys.wait([winner.id, loser.id])
        # Whoever is out stays out, as both: until they say otherwise.
        tx.consents.add([replace(one, lead_id=loser.id, id=0) for one in words], self.now)
        for lead in (winner, loser) if words else ():
            owe(tx, lead.id)
        self._pairs()
        tx.joinings.undone(joining.id, self.by, self.now)
        tx.admin.set_meta(f"{TO_MERGE}{joining.id}", "")
        joining.undone_at, joining.undone_by = self.now, self.by
        return self.done

    def _fields(self, winner: Lead, loser: Lead) -> None:
        before, stood = self.joining.before, winner.stage
        brought_back(loser, before["loser"])
        for name in before["took"]["counters"]:
            # What has risen since was done by the record that the counter is of.
            if name not in before["winner"]["counters"] and name in winner.counters:
                loser.counters[name] = max(loser.counters.get(name, 0), winner.counters.pop(name))
        taken_back(winner, before["winner"], before["took"])
        if winner.stage != stood:
            self._moved(winner, stood)

    def _moved(self, lead: Lead, stood: str) -> None:
        score = lead.score
        version, total, grade = (score.version, score.total, score.grade) if score else ("", 0, "")
        by = self.by or "baton"
        move = Transition(lead.id, lead.flow, stood, lead.stage, self.now, by, APART, version, total, grade)  # type: ignore[arg-type]
        self.tx.scores.add_transitions([move])

    # where they are written to

    def _records(self) -> None:
        """Each is written to where it was before, as far as that is there; a record is one lead's."""
        tx, before = self.tx, self.joining.before
        for one in before["copies"]:
            if (present := self._present(one)) and present.crm_id == one["crm_id"]:
                tx.outbox.forget_receipts(one["target"], one["object"], [one["our_key"]])
        for one in before["receipts"]:
            present, there = self._present(one), self._is_there(one["target"], one["crm_id"])
            if one["gone"] or present is None or (present.crm_id == one["crm_id"] and not present.gone):
                continue
            if there:
                tx.outbox.put_receipts([_as_it_was(one, self.now)])
            elif one["lead_id"] == self.joining.loser and not present.gone:
                tx.outbox.put_receipts([replace(present, gone=True)])
        self._only_one()

    def _only_one(self) -> None:
        """What both would write to is the winner's."""
        live: dict[tuple[str, str], Receipt] = {}
        found = [one for told in self.joining.before["receipts"] if (one := self._present(told)) and not one.gone]
        for one in sorted(found, key=lambda one: one.lead_id != self.joining.winner):
            if live.setdefault((one.target, one.crm_id), one).our_key != one.our_key:
                self.tx.outbox.put_receipts([replace(one, gone=True)])

    def _present(self, told: Mapping[str, Any]) -> Receipt | None:
        found = self.tx.outbox.receipts(told["target"], told["object"], [told["our_key"]])
        return found.get(told["our_key"])

    def _is_there(self, target: str, id: str) -> bool:
        """Whether a record is there, as far as is known."""
        found = [one for object in PEOPLE for one in self.tx.mirror.get(target, object, [id]).values()]
        return not found or any(map(is_live, found))

    # who has them

    def _handoffs(self, loser: Lead) -> None:
        """What was closed or moved by the joining is again what it was, unless somebody has gone on with it."""
        told = self.joining.before["handoffs"]
        found = self.tx.handoffs.by_ids([one[0] for one in told])
        back: list[Handoff] = []
        for id, lead_id, state, reason in told:
            if (one := found.get(id)) and self._is_again(one, lead_id, state):
                if one.state == "closed":
                    one.state, one.closed_at, one.reason = state, None, reason
                    # The clocks of what somebody has in hand go on.
                    one.next_at = self.now if state == "open" else None
                one.lead_id = lead_id
                back.append(one)
        self.tx.handoffs.save(back)
        live = self.tx.handoffs.of_leads([loser.id]).get(loser.id, [])
        if loser.stage in IN_SALES and loser.stage != "won" and all(one.state == "closed" for one in live):
            stood, loser.stage, loser.stage_since = loser.stage, "known", self.now
            self._moved(loser, stood)

    def _is_again(self, one: Handoff, lead_id: int, state: str) -> bool:
        joining = self.joining
        if one.lead_id != lead_id:
            if one.state not in NOT_YET_OUT:
                self.done.stays.append(one.id)
            return one.state in NOT_YET_OUT
        if one.state != "closed" or one.closed_at != joining.at:
            return False
        if lead_id == joining.loser and state == "open" and not self._can_be_open(one):
            self.done.over.append(one.id)
            return False
        return True

    def _can_be_open(self, one: Handoff) -> bool:
        """Whether the record that a rep works on is there, and was made at all."""
        told = [said for said in self.joining.before["receipts"] if said["lead_id"] == self.joining.loser]
        mine = [said for said in told if said["target"] == one.target]
        gone = [said for said in mine if (present := self._present(said)) is None or present.gone]
        self.done.gone += [(said["target"], said["object"], said["crm_id"]) for said in gone]
        return one.id not in self.joining.before["not_sent"] and not (mine and len(gone) == len(mine))

    def _pairs(self) -> None:
        """They are not made one again; what was said because they were one is said no more."""
        tx, joining = self.tx, self.joining
        two = (min(joining.winner, joining.loser), max(joining.winner, joining.loser))
        pairs = {one.one_other: one for one in tx.pairs.of_leads([joining.winner, joining.loser])}
        before = pairs.get(two)
        like = replace(before) if before else Pair(*two, 0, "")
        like.decided_by, like.decided_at = self.by, self.now
        if before:
            tx.pairs.save([replace(before, state="ended")])
        say_different(tx, *two, like, self.now)
        told = [pairs[one, other] for one, other in joining.before["pairs"] if (one, other) in pairs]
        tx.pairs.save([replace(one, state="ended") for one in told if one.state == "different"])


def is_live(record: CrmRecord) -> bool:
    """Whether a record is there, as itself."""
    return not record.gone and not record.merged_into


def _as_it_was(told: Mapping[str, Any], now: datetime) -> Receipt:
    return Receipt(told["target"], told["object"], told["our_key"], told["crm_id"], {}, lead_id=told["lead_id"], at=now)


# --- records that come back as their own


def came_back(
    tx: Transaction, connection: str, place: tuple[str, str], lead_id: int, now: datetime, said: datetime | None = None
) -> Apart | None:
    """Take the joining back that a merge in a connection has made, now that a record of it is there as its own.

    `place` is the record, (object, id), `lead_id` whose it is; `said` when it was last changed there: what was read
    before the merge and comes late says nothing. None where there was no such joining, or where it is not the last.
    """
    found = _of_record(tx, connection, place, lead_id)
    if found is None or (said is not None and said <= found.at):
        return None
    return take_apart(tx, found, connection, now)


def _of_record(tx: Transaction, connection: str, place: tuple[str, str], lead_id: int) -> Joining | None:
    """The last joining of a lead by which a record became its own."""
    for one in reversed(tx.joinings.of_leads([lead_id])):
        if one.undone_at is None and one.how in ("crm", "marketing") and one.by == connection and one.before:
            own = [tuple(link) for link in one.before["store"]["links"]]
            told = [(said["target"], said["object"], said["crm_id"]) for said in one.before["receipts"]]
            if (connection, *place) in (*own, *told):
                return one
    return None
