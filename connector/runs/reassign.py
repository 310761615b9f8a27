"""Give open handoffs to somebody else: by a person's word, at a breach of the clock, when somebody goes away.

The owner is changed in the CRM too, and that of the task that told whom to call. What was said stays: brief, notes,
what was done so far. The clocks begin anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from connector.config import Config, Flow
from connector.locale import translator
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.fields import Value
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.runs.accounts import last_known
from connector.runs.clocks import wind
from connector.runs.hand_over import EVERY
from connector.runs.notices import announce
from connector.runs.opening import active_users, ring_of
from connector.runs.owner_rows import owner_rows
from connector.runs.rosters import roster_at
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.runs.tell import Change, tell
from connector.steps.facts import build
from connector.steps.routing.rules import Routed, next_turn, ring_before, route
from connector.steps.routing.turns import BY_PERSON, give, turn_of, write
from connector.steps.telling.words import N_

#: Why nothing is given on in a flow that is not live.
ONLY_OBSERVES = N_("its flow only observes: nothing is written outside")
#: How many are given on in one transaction.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one handoff: whose it was, and whose it is, "" where it stays; why, in words of its flow."""

    handoff: Handoff
    was: str
    to: str
    words: str


def reassign(
    tx: Transaction, rows: Rows, config: Config, handoffs: Sequence[Handoff], to: str, why: str, now: datetime, *,
    who: str = "", dry_run: bool = False, holds: bool = False,
) -> list[Moved]:  # fmt: skip
    """Give open handoffs to `to` (an email; "": whoever's turn it is in their team, else by the rules of their flow).

    Those who had it before get no turn of it. `why` is an English sentence as the store keeps them, `who` did it.
    What cannot be given on stays where it is. With `dry_run` nothing is stored. Who `holds` them in the CRM is
    an active user there: it is theirs while they are away, too, takes no turn, and the team stays.
    """
    by_flow: dict[str, list[Handoff]] = {}
    for handoff in handoffs:
        by_flow.setdefault(handoff.flow, []).append(handoff)
    found = []
    for name, some in by_flow.items():
        if flow := config.flows.get(name):
            found += _Giving(tx, rows, config, flow, now, why, who, dry_run, holds).run(some, to)
    return found


def open_of(tx: Transaction, config: Config, owner: str, flow: str = "") -> list[Handoff]:
    """The open handoffs of somebody, of one flow or of all: those that are hot first, then the best."""
    return [
        handoff
        for name in config.flows if flow in ("", name)
        for handoff in tx.handoffs.in_state(name, "open", EVERY) if handoff.owner.casefold() == owner.casefold()
    ]  # fmt: skip


def reassign_all(
    runtime: Runtime, rows: Callable[[int], Rows], owner: str, to: str, who: str, *, flow: str = "",
    dry_run: bool = False,
) -> list[Moved]:  # fmt: skip
    """Give on all open handoffs of `owner`, a batch at a time; what may be done is as of `reassign`."""
    from connector.runs.criteria import settle

    if not dry_run:
        # What was edited a moment ago is meant, unless it is to wait.
        settle(runtime)
    config, now = runtime.config, runtime.clock()
    with runtime.store.read() as tx:
        left = open_of(tx, config, owner, flow)
        if dry_run or not left:
            made = Rows(config, "", no_template)
            return reassign(tx, made, config, left, to, sentences.BY_WORD, now, who=who, dry_run=True)
    found: list[Moved] = []
    with recorded(runtime, "reassign") as (run, counts):
        built = rows(run.id)
        for start in range(0, len(left), BATCH):
            with runtime.store.write() as tx:
                some = tx.handoffs.by_ids([one.id for one in left[start : start + BATCH]])
                still = [
                    one for one in some.values() if one.state == "open" and one.owner.casefold() == owner.casefold()
                ]
                found += reassign(tx, built, config, still, to, sentences.BY_WORD, now, who=who)
                if start + BATCH >= len(left):
                    runtime.done(tx)
        counts["given on"] = sum(bool(one.to) for one in found)
        counts["left where they are"] = sum(not one.to for one in found)
    return found


def no_template(_template: str, _seen: Mapping[str, Any]) -> str:
    """Nothing is written where it is only tried."""
    return ""


@dataclass(slots=True)
class _Giving:
    """Gives on the handoffs of one flow within one transaction."""

    tx: Transaction
    rows: Rows
    config: Config
    flow: Flow
    now: datetime
    why: str
    who: str
    dry_run: bool
    holds: bool = False
    roster: str = ""
    leads: Mapping[int, Lead] = field(default_factory=dict)
    earlier: Mapping[int, Sequence[HandoffEvent]] = field(default_factory=dict)
    events: list[HandoffEvent] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    def run(self, handoffs: Sequence[Handoff], to: str) -> list[Moved]:
        """Give each on; all is stored in a few statements at the end."""
        if self.flow.mode == "observe":
            words = translator(self.flow.language)(ONLY_OBSERVES)
            return [Moved(handoff, handoff.owner, "", words) for handoff in handoffs]
        ids = [handoff.lead_id for handoff in handoffs]
        self.leads = self.tx.intake.leads(ids)
        self.earlier = self.tx.handoff_events.of_handoffs([handoff.id for handoff in handoffs])
        choice = _Choice(self, ids)
        self.roster = choice.roster.version
        found = []
        for handoff in handoffs:
            lead = self.leads.get(handoff.lead_id)
            if lead is None or lead.merged_into:
                # Another lead stands for it, or nobody does any more.
                continue
            found.append(self._give(handoff, self._routed(handoff, to, choice), choice))
        moved = [one for one in found if one.to]
        if moved and not self.dry_run:
            self._store([one.handoff for one in moved])
        return found

    def _routed(self, handoff: Handoff, to: str, choice: _Choice) -> Routed:
        if not to:
            return choice.next(handoff, self._had(handoff))
        return Routed(to, handoff.team, BY_PERSON) if self.holds else choice.named(handoff, to)

    def _had(self, handoff: Handoff) -> set[str]:
        """Who has, or had, this handoff."""
        events = self.earlier.get(handoff.id, ())
        return {handoff.owner, *(str(one.body.get("from", "")) for one in events if one.kind == "reassigned")} - {""}

    def _give(self, handoff: Handoff, routed: Routed, choice: _Choice) -> Moved:
        was = handoff.owner
        if not routed.owner or routed.owner == was:
            return Moved(handoff, was, "", routed.words)
        if not self.dry_run:
            self._note(handoff, routed)
        choice.taken(routed, was)
        return Moved(handoff, was, routed.owner, routed.words)

    def _note(self, handoff: Handoff, routed: Routed) -> None:
        translate = translator(self.flow.language)
        number = 1 + sum(one.kind == "reassigned" for one in self.earlier.get(handoff.id, ()))
        body = {"from": handoff.owner, "to": routed.owner, "why": self.why, "team": routed.team}
        event = HandoffEvent(
            handoff.id, f"reassigned:{number}", "reassigned", self.now, self.who, body
        )  # fmt: skip
        self.events.append(event)
        if routed.turn is not None:
            given, weights = routed.turn
            turn = Turn(handoff.id, routed.team, routed.of, self.now, routed.rule, given, weights)
            self.turns.append(turn)
        given_on = translate(sentences.GIVEN_ON) % {"email": handoff.owner, "why": translate(self.why)}
        handoff.routed_by = "; ".join(part for part in (given_on, routed.words) if part)
        handoff.owner, handoff.team = routed.owner, routed.team
        handoff.roster = self.roster
        self.leads[handoff.lead_id].owner = routed.owner

    def _store(self, handoffs: Sequence[Handoff]) -> None:
        tx, leads = self.tx, [self.leads[handoff.lead_id] for handoff in handoffs]
        tx.handoff_events.add(self.events, self.now)
        wind(tx, self.config, handoffs, self.now)
        tx.handoffs.save(handoffs)
        tx.handoffs.add_turns(self.turns)
        tx.intake.update_leads(leads, self.now)
        pairs = list(zip(leads, handoffs, strict=True))
        out: list[OutboxRow] = [*self.rows.refreshed(tx, pairs), *owner_rows(tx, self.rows, pairs)]
        out += tell(tx, self.rows, [Change(lead, lead.stage) for lead in leads], self.now)
        tx.outbox.put(out, self.now)
        tx.reviews.put(self.rows.take_unsent(), self.now)
        told = [self._notice(handoff) for handoff in handoffs]
        if self.why not in (sentences.BY_WORD, sentences.THEIRS_THERE):
            told += [self._taken(handoff) for handoff in handoffs]
        announce(tx, self.config, told, self.now)

    def _notice(self, handoff: Handoff) -> Notice:
        """What its new owner is told, each time that it is given to them."""
        number = 1 + sum(one.kind == "reassigned" for one in self.earlier.get(handoff.id, ()))
        values = {"why": handoff.routed_by, "due": handoff.due_at or "", "brief": handoff.brief}
        return Notice(
            "new", "new hot" if handoff.hot else "new", f"handoff-{handoff.id}:{handoff.owner}:{number}", self.now,
            handoff.owner, handoff.team, handoff.flow, handoff.lead_id, handoff.hot, values,
        )  # fmt: skip

    def _taken(self, handoff: Handoff) -> Notice:
        """What is told of a lead that was taken from somebody because the time was over."""
        event = next(one for one in reversed(self.events) if one.handoff_id == handoff.id)
        values = {"before": event.body["from"], "owner": handoff.owner, "why": self.why}
        return Notice(
            "breached", "reassigned", f"handoff-{handoff.id}:taken:{event.key}", self.now, str(event.body["from"]),
            handoff.team, handoff.flow, handoff.lead_id, handoff.hot, values,
        )  # fmt: skip


class _Choice:
    """Who gets a handoff next; the turns that are given count for those after them."""

    def __init__(self, giving: _Giving, ids: Sequence[int]) -> None:
        tx, config = giving.tx, giving.config
        self.giving, self.ids, self.flow, self.config = giving, ids, giving.flow, config
        self.roster = roster_at(tx, config, giving.now)
        self.rings = {team: ring_of(tx, team) for team in config.teams}
        self.open_by_owner = tx.handoffs.open_by_owner()
        self.users = active_users(tx, config, giving.flow)
        self.translate = translator(giving.flow.language)

    def named(self, handoff: Handoff, to: str) -> Routed:
        """To somebody by name; of the handoff's team, it is their turn."""
        if self.users is not None and to.casefold() not in self.users:
            why = sentences.NOT_ACTIVE % {"owner": to, "target": self.flow.crm}
            return Routed("", words=self.translate(why))
        if self.roster.is_away(to):
            return Routed("", words=self.translate(sentences.IS_AWAY) % {"email": to})
        team = handoff.team if any(one.email == to for one in self.roster.members(handoff.team)) else ""
        if not team:
            return Routed(to, rule=BY_PERSON)
        ring = self.rings[team]
        before = ring_before(ring, team, self.roster)
        of = turn_of(before, to)
        return Routed(to, team, BY_PERSON, "", (ring.given, write(before)), give(ring, before, of), of)

    def next(self, handoff: Handoff, had: Iterable[str]) -> Routed:
        """To whoever's turn it is among those who have not had it yet: in its team, else by the rules."""
        roster = self.roster
        for email in had:
            roster = roster.without(email)
        asked = self.rings, self.open_by_owner, self.translate, self.users
        if handoff.team:
            return next_turn(handoff.team, roster, *asked, hot=handoff.hot, nobody_there=self.flow.routing.nobody_there)
        lead = self.giving.leads[handoff.lead_id]
        facts = build(lead, self._deeds.get(lead.id, []), self.giving.now, account=self._accounts.get(lead.id))
        facts.score = lead.score
        return route(facts, self.flow.routing, roster, *asked, hot=handoff.hot)

    @cached_property
    def _deeds(self) -> Mapping[int, Sequence[Activity]]:
        return self.giving.tx.intake.activities(self.ids)

    @cached_property
    def _accounts(self) -> Mapping[int, Mapping[str, Value]]:
        return last_known(self.giving.tx, self.flow, self.ids)

    def taken(self, routed: Routed, was: str) -> None:
        """One was given on: what follows for those after it."""
        if routed.ring is not None:
            self.rings[routed.team] = routed.ring
        self.open_by_owner[was] = max(self.open_by_owner.get(was, 0) - 1, 0)
        self.open_by_owner[routed.owner] = self.open_by_owner.get(routed.owner, 0) + 1
