"""Open handoffs: who owns a lead by now, else who gets it; its brief, its rows, and who is told.

All of a batch is one transaction, and nobody outside is asked in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from connector.config import Config, Flow
from connector.locale import translator
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.adapter import CrmCapabilities
from connector.model.consent import ConsentEvent
from connector.model.fields import Value
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.runs.accounts import last_known
from connector.runs.adopt import There, fitted, take_over, there
from connector.runs.again import status_rows
from connector.runs.briefing import write_brief
from connector.runs.clocks import begin
from connector.runs.consent import ANY, kept_back, standings
from connector.runs.consent_heard import Hearing
from connector.runs.consent_rows import Telling
from connector.runs.handoff_rows import rows_of_handoff
from connector.runs.nobody import nobody_there
from connector.runs.notices import announce
from connector.runs.owner_rows import owner_rows
from connector.runs.rosters import roster_at
from connector.runs.rows import Rows
from connector.runs.second import end_first
from connector.runs.tell import Change, tell
from connector.steps.clocks import own_act
from connector.steps.consent import is_out
from connector.steps.facts import build
from connector.steps.routing.rules import Routed, next_turn, route
from connector.steps.routing.turns import Ring, from_ledger
from connector.steps.telling import vocabulary
from connector.steps.telling.routed import STANDS_IN


def ring_of(tx: Transaction, team: str) -> Ring:
    """A team's ring as the ledger has it."""
    latest = tx.handoffs.turns(team, 1)
    return from_ledger(tx.handoffs.turn_counts(team), latest[0] if latest else None)


def active_users(tx: Transaction, config: Config, flow: Flow) -> frozenset[str] | None:
    """Emails of those whom the flow may name and who are active users of its CRM; None where its users are not read.

    An account's owner is known to be one before it is asked about.
    """
    if not tx.mirror.listing(flow.crm, "user", limit=1):
        return None
    named = {rule.to for rule in flow.routing.rules if rule.target == "person"} | {flow.routing.nobody_there.give_to}
    named |= config.everybody
    there = {config.address_at(flow.crm, email).casefold(): email.casefold() for email in named if "@" in email}
    found = tx.mirror.find(flow.crm, "email", sorted(there), ("user",))
    return frozenset(there[address] for address, users in found.items() if any(user.active for user in users))


def _given_to(handoff: Handoff) -> Notice:
    """What its owner is told of a handoff."""
    values = {"why": handoff.routed_by, "due": handoff.due_at or "", "brief": handoff.brief}
    return Notice(
        "new", "new hot" if handoff.hot else "new", f"handoff-{handoff.id}:{handoff.owner}", handoff.decided_at,
        handoff.owner, handoff.team, handoff.flow, handoff.lead_id, handoff.hot, values,
    )  # fmt: skip


class Opening:
    """Routes and opens one batch of handoffs within one transaction."""

    def __init__(
        self, tx: Transaction, config: Config, rows: Rows, flow: Flow, now: datetime, counts: Counter[str],
        capabilities: CrmCapabilities,
    ) -> None:  # fmt: skip
        self.tx, self.config, self.rows, self.flow, self.now, self.counts = tx, config, rows, flow, now, counts
        self.capabilities = capabilities
        self.there = There(flow, rows.store_id)
        self.accounts: Mapping[int, Mapping[str, Value]] = {}
        self.said: Mapping[int, Sequence[ConsentEvent]] = {}
        self.translate = translator(flow.language)
        self.rings = {team: ring_of(tx, team) for team in config.teams}
        self.open_by_owner = tx.handoffs.open_by_owner()
        self.users = active_users(tx, config, flow)
        self.roster = roster_at(tx, config, now)
        self.told: list[Notice] = []

    def run(self, handoffs: Sequence[Handoff]) -> None:
        """Open each; all is stored in a few statements at the end."""
        ids = [handoff.lead_id for handoff in handoffs]
        leads, activities = self._gather(ids)
        earlier = self.tx.handoffs.of_leads(ids)
        opened, turns = self._opened(handoffs, leads, activities, earlier)
        take_over(self.tx, self.rows, self.there, opened, self.now)
        self._tell_consent(opened)
        out = self._rows(opened, earlier)
        end_first(self.tx, [handoff for _, handoff in opened], self.now)
        self.tx.handoffs.save(handoffs)
        self.tx.handoffs.add_turns(turns)
        given = [HandoffEvent(one.id, "opened", "opened", self.now, one.owner) for _, one in opened]
        self.tx.handoff_events.add(given, self.now)
        # Only the standing: a lead that something came in for meanwhile stays due.
        self.tx.intake.update_leads([leads[one.lead_id] for one in handoffs if one.owner], self.now)
        self.put(out + tell(self.tx, self.rows, [Change(lead, lead.stage) for lead, _ in opened], self.now))
        announce(self.tx, self.config, [*self.told, *(_given_to(one) for _, one in opened)], self.now)
        self.tx.reviews.put(self.rows.take_unsent(), self.now)

    def _gather(self, ids: Sequence[int]) -> tuple[Mapping[int, Lead], Mapping[int, Sequence[Activity]]]:
        """The leads and what they did; what is there already of them in the CRM, and of their companies."""
        leads, activities = self.tx.intake.leads(ids), self.tx.intake.activities(ids)
        self.there = there(
            self.tx, self.flow, self.capabilities, self.rows.store_id, list(leads.values()), self.config.identity
        )
        self.there.known.called = partial(self.config.email_of, self.flow.crm)
        if self._hear():
            leads = self.tx.intake.leads(ids)
        self.said = self.tx.consents.of_leads(ids) if self.tx.admin.meta(ANY) else {}
        self.accounts = last_known(self.tx, self.flow, ids)
        return leads, activities

    def _opened(
        self,
        handoffs: Sequence[Handoff],
        leads: Mapping[int, Lead],
        activities: Mapping[int, Sequence[Activity]],
        earlier: Mapping[int, Sequence[Handoff]],
    ) -> tuple[list[tuple[Lead, Handoff]], list[Turn]]:
        """Those that somebody gets, each with its brief, and whose turns that took."""
        opened: list[tuple[Lead, Handoff]] = []
        turns: list[Turn] = []
        for handoff in handoffs:
            lead, deeds = leads[handoff.lead_id], activities.get(handoff.lead_id, [])
            if self._keeps_back(lead, self.said.get(lead.id, ()), handoff):
                continue
            turn = self._route(lead, deeds, handoff)
            if not handoff.owner:
                continue
            handoff.acted_at = own_act(deeds, self.now)
            turns += [turn] if turn else []
            doubts = self.there.doubts(lead.id, translator(self.config.language_of(handoff.owner)))
            handoff.brief = write_brief(
                self.rows, self.flow, lead, deeds, handoff, self.now, doubts, earlier.get(lead.id, ())
            )
            opened.append((lead, handoff))
        return opened, turns

    def _rows(
        self, opened: Sequence[tuple[Lead, Handoff]], earlier: Mapping[int, Sequence[Handoff]]
    ) -> list[OutboxRow]:
        """What the CRM gets."""
        out: list[OutboxRow] = []
        for lead, handoff in opened:
            made = rows_of_handoff(self.rows, lead, handoff)
            out += fitted(self.tx, self.rows, self.there, lead, handoff, made)
        out += status_rows(self.tx, self.rows, opened, earlier)
        out += owner_rows(self.tx, self.rows, [(lead, handoff) for lead, handoff in opened if handoff.previous_id])
        return out

    def put(self, out: list[OutboxRow]) -> None:
        """What is written outside for them."""
        self.tx.outbox.put(out, self.now)

    def _hear(self) -> bool:
        """Whether what the CRM says of those who are there already holds news about consent."""
        found = self.there.known.matches
        whose: dict[str, list[int]] = {}
        for lead_id, match in found.items():
            whose.setdefault(match.person.id, []).append(lead_id)
        there = [(None, match.person) for match in found.values()]
        return Hearing(self.tx, self.rows, self.flow.crm, self.now, self.counts, whose).run(there)

    def _tell_consent(self, opened: Sequence[tuple[Lead, Handoff]]) -> None:
        """Records that were there, and are known to be theirs from now on, are told who is out."""
        met = [lead for lead, _ in opened if lead.id in self.there.known.matches and is_out(lead)]
        Telling(self.tx, self.rows, self.now, self.counts).run(met, self.flow.crm)

    def _keeps_back(self, lead: Lead, said: Sequence[ConsentEvent], handoff: Handoff) -> bool:
        """Whoever is out of every way in which a rep could reach them is not handed over, until they come back."""
        if not kept_back(lead, said, self.flow.clock.touch, self.now):
            return False
        closed = [one for one in standings(lead, said, self.now).values() if one.state == "out" and one.by]
        told = [
            f"{self.translate(vocabulary.CHANNELS[one.by.channel])}: {one.by.source}, {one.by.at.date().isoformat()}"
            for one in closed if one.by
        ]  # fmt: skip
        handoff.state = "suppressed"
        handoff.routed_by = self.translate(sentences.LEFT_ALL) % {"channels": "; ".join(dict.fromkeys(told))}
        self.counts["suppressed"] += 1
        return True

    def _route(self, lead: Lead, deeds: Sequence[Activity], handoff: Handoff) -> Turn | None:
        """Choose an owner and say so on lead and handoff; the turn, where there was one.

        Who has them in the CRM already keeps them, while that is an active person.
        """
        handoff.roster = self.roster.version
        if handoff.previous_id:
            return self._routed(lead, handoff, self._of_next_team(handoff))
        owner, why = self._holder(lead)
        if owner:
            handoff.routed_by, handoff.team = why, ""
            self._given(lead, handoff, owner)
            return None
        account_owner = self.there.known.account_owner(lead.id)
        facts = build(lead, deeds, self.now, account_owner=account_owner, account=self.accounts.get(lead.id))
        facts.score = lead.score
        routed = route(
            facts, self.flow.routing, self.roster, self.rings, self.open_by_owner, self.translate, self.users,
            hot=handoff.hot,
        )  # fmt: skip
        return self._routed(lead, handoff, routed)

    def _of_next_team(self, handoff: Handoff) -> Routed:
        """Whose turn it is in the team that gets an SQL."""
        return next_turn(
            handoff.team, self.roster, self.rings, self.open_by_owner, self.translate, self.users, hot=handoff.hot,
            nobody_there=self.flow.routing.nobody_there,
        )  # fmt: skip

    def _routed(self, lead: Lead, handoff: Handoff, routed: Routed) -> Turn | None:
        """Write down whom it is routed to; the turn, where there was one."""
        before = handoff.routed_by
        handoff.routed_by = "; ".join(part for part in (routed.words, self._match_words(lead)) if part)
        if not routed.owner:
            handoff.state = "nobody"
            self.told += [nobody_there(self.flow, handoff, routed, self.now)] if handoff.routed_by != before else []
            self.counts["nobody there"] += 1
            return None
        handoff.team = routed.team
        self._given(lead, handoff, routed.owner)
        if routed.turn is None or routed.ring is None:
            return None
        self.rings[routed.team] = routed.ring
        given, weights = routed.turn
        return Turn(handoff.id, routed.team, routed.of, self.now, routed.rule, given, weights)

    def _holder(self, lead: Lead) -> tuple[str, str]:
        """(who has them in the CRM already, why), "" for nobody. While they are away, their deputy gets the task.

        Without a deputy it is routed; but whose open lead it is there keeps it.
        """
        owner, why = self.there.owner(lead.id)
        taker = self.roster.stand_in(owner) if owner else ""
        found = self.there.existing(lead.id)
        if taker == owner or (found is not None and found[0].action == "adopt"):
            return owner, why
        if not taker or (self.users is not None and taker.casefold() not in self.users):
            return "", ""
        stands_in = self.translate(STANDS_IN) % {"email": owner, "deputy": taker}
        return taker, f"{why}; {stands_in}"

    def _match_words(self, lead: Lead) -> str:
        found = self.there.existing(lead.id)
        return found[1].why(self.translate) if found else ""

    def _given(self, lead: Lead, handoff: Handoff, owner: str) -> None:
        found = self.there.existing(lead.id)
        handoff.state, handoff.owner, lead.owner = "open", owner, owner
        handoff.opened_at = self.now
        begin(self.config, handoff)
        handoff.target, handoff.record = self.flow.crm, found[0].place if found else ""
        self.counts["handed over"] += 1
        if found and lead.id not in self.there.receipts:
            self.counts["there already"] += 1
        self.open_by_owner[owner] = self.open_by_owner.get(owner, 0) + 1
