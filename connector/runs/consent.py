"""The ledger of consent: what was said is kept with the page that told it, and what follows is done there and then.

A lead's fields `consent.*` are what stands by the ledger: a record that says otherwise, and is no word of the
person's own, changes nothing but the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from connector.model.consent import CHANNELS, Channel, ConsentEvent
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.model.sentences import MAIL_CAME_BACK
from connector.runs.consent_rows import OWED, Telling, is_observed
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.steps import consent as steps

#: The store's words: that anybody has said anything, and for whom something is to be worked out anew.
ANY, DUE = "consent:any", "consent:due:"
#: The store's word that those are in the ledger who were out before there was one.
BEGUN = "consent:begun"
BATCH = 500
#: The source of what was told to somebody here.
HERE = "baton"


@dataclass(slots=True)
class Ledger:
    """Keeps words of leads, and does what follows, within one transaction.

    `leads` are those that the caller holds: they are changed as they stand. `knows` and `again` are as of `Telling`.
    """

    tx: Transaction
    rows: Rows
    now: datetime
    counts: Counter[str]
    leads: dict[int, Lead] = field(default_factory=dict)
    knows: set[tuple[str, str]] = field(default_factory=set)
    again: set[tuple[str, str]] = field(default_factory=set)

    def keep(self, words: Iterable[ConsentEvent], anew: Collection[int] = ()) -> None:
        """Keep what is new of `words`; what stands for these leads, and those `anew`, is worked out and told."""
        said = self._of_winners(words, anew)
        if not self.leads:
            return
        known = self.tx.consents.of_leads(list(self.leads))
        asked = {one.lead_id for one in said}.union(anew) & self.leads.keys()
        said = [*self._before_the_ledger(asked, known, said), *said]
        news = [one for one in said if one.how != "field" or not steps.said_again(one, known.get(one.lead_id, ()))]
        kept = self.tx.consents.add(news, self.now) if news else []
        if kept:
            self.tx.admin.set_meta(ANY, "1")
            self.counts["words about consent"] += len(kept)
        concerned = {one.lead_id for one in kept} | {id for id in anew if id in self.leads} | self._contradicted()
        if concerned:
            self._follow(sorted(concerned))

    def _of_winners(self, words: Iterable[ConsentEvent], anew: Collection[int]) -> list[ConsentEvent]:
        """The words by the leads that stand for their people by now; these leads are at hand from then on."""
        found = list(words)
        missing = ({one.lead_id for one in found} | set(anew)) - self.leads.keys() - {0}
        loaded = self.tx.intake.leads(sorted(missing)) if missing else {}
        into = {id: lead.merged_into for id, lead in loaded.items() if lead.merged_into}
        self.leads |= {id: lead for id, lead in loaded.items() if id not in into}
        winners = set(into.values()) - self.leads.keys()
        self.leads |= self.tx.intake.leads(sorted(winners)) if winners else {}
        by_winner = [(into.get(one.lead_id, one.lead_id), one) for one in found]
        return [_of(one, lead_id) for lead_id, one in by_winner if lead_id in self.leads]

    def _before_the_ledger(
        self, asked: Iterable[int], known: Mapping[int, Sequence[ConsentEvent]], news: Sequence[ConsentEvent]
    ) -> Iterator[ConsentEvent]:
        """What fields said before anybody kept a ledger of it: a channel once closed stays so."""
        heard = {(one.lead_id, one.channel, one.source, one.given) for one in news}
        for lead in map(self.leads.__getitem__, sorted(asked)):
            for name, channel in steps.CHANNEL_OF.items():
                said = any(one.channel in (channel, "all") for one in known.get(lead.id, ()))
                if lead.fields.get(name) in (True, False) and not said and name in lead.said:
                    source, at = lead.said[name]
                    if (lead.id, channel, source, lead.fields[name]) in heard:
                        continue
                    when = min(datetime.fromisoformat(at), self.now) if at else self.now
                    given = lead.fields[name] is True
                    yield ConsentEvent(lead.id, channel, given, when, source, "field", "", False, name)

    def _contradicted(self) -> set[int]:
        """Leads of whom a record says otherwise since it was told."""
        return {lead.id for lead in self.leads.values() if self.again and steps.is_out(lead)}

    # what follows

    def _follow(self, ids: Sequence[int]) -> None:
        events = self.tx.consents.of_leads(ids)
        reopened: dict[int, set[Channel]] = {}
        changed: list[Lead] = []
        for lead_id in ids:
            lead, some = self.leads[lead_id], events.get(lead_id, [])
            back = {
                channel
                for channel in CHANNELS
                if lead.fields.get(steps.FIELDS[channel]) is False
                and steps.standing((one for one in some if one.how != "bounce"), channel, self.now).state == "given"
            }
            if back:
                reopened[lead_id] = back
            if self._set(lead, some):
                changed.append(lead)
        if changed:
            self.tx.intake.update_leads(changed, self.now)
        self.tx.scores.mark_due(ids, self.now)
        self._let_go(ids, events)
        concerned = [self.leads[lead_id] for lead_id in ids]
        self.counts["opt-outs"] += sum(steps.is_out(lead) for lead in changed)
        Telling(self.tx, self.rows, self.now, self.counts, reopened, frozenset(self.knows), frozenset(self.again)).run(
            concerned
        )
        if notices := self.rows.take_unsent():
            self.tx.reviews.put(notices, self.now)

    def _set(self, lead: Lead, events: Sequence[ConsentEvent]) -> bool:
        """Let a lead's fields say what stands; whether that is news. A bounced address is flagged."""
        told = steps.told(events, self.now)
        before = {name: value for name, value in lead.fields.items() if name in steps.OF_CONSENT}
        if told:
            for name in steps.OF_CONSENT & lead.fields.keys() - told.keys():
                del lead.fields[name]
                lead.said.pop(name, None)
            source, at = str(told["consent.source"]), str(told["consent.at"])
            for name, value in told.items():
                if lead.fields.get(name) != value:
                    lead.fields[name], lead.said[name] = value, (source, at)
        after = {name: value for name, value in lead.fields.items() if name in steps.OF_CONSENT}
        return self._flag(lead, events) or before != after

    def _flag(self, lead: Lead, events: Sequence[ConsentEvent]) -> bool:
        bounces = [one for one in events if one.how == "bounce" or (one.how == "person" and one.given)]
        came_back = standings(lead, bounces, self.now)["email"].state == "out"
        if came_back == (lead.flags.get("email") == MAIL_CAME_BACK):
            return False
        if came_back:
            lead.flags["email"] = MAIL_CAME_BACK
        else:
            del lead.flags["email"]
        return True

    def _let_go(self, ids: Sequence[int], events: Mapping[int, Sequence[ConsentEvent]]) -> None:
        """Whoever may be reached again waits for their turn again."""
        held = [one for some in self.tx.handoffs.of_leads(ids).values() for one in some if one.state == "suppressed"]
        free = []
        for handoff in held:
            flow, lead = self.rows.config.flows.get(handoff.flow), self.leads[handoff.lead_id]
            if flow and not kept_back(lead, events.get(lead.id, ()), flow.clock.touch, self.now):
                handoff.state, handoff.routed_by = "waiting", ""
                free.append(handoff)
        self.tx.handoffs.save(free) if free else None


def kept_back(lead: Lead, events: Sequence[ConsentEvent], touch: Sequence[str], now: datetime) -> bool:
    """Whether a lead is out of every way in which a rep could reach it."""
    each = standings(lead, events, now)
    return any(one.state == "out" for one in each.values()) and not steps.ways_left(each, touch)


def standings(lead: Lead, events: Sequence[ConsentEvent], now: datetime) -> dict[Channel, steps.Standing]:
    """What stands of each channel for a lead and its present address."""
    return steps.reachable(events, now, str(lead.fields.get("email") or ""))


def _of(word: ConsentEvent, lead_id: int) -> ConsentEvent:
    return word if word.lead_id == lead_id else replace(word, lead_id=lead_id)


# --- what was left for later


def said_anything(tx: Transaction, lead_id: int, other: Lead) -> bool:
    """Whether anything was said of two leads that became one."""
    return steps.is_out(other) or bool(tx.consents.of_leads([lead_id, other.id]))


def owe(tx: Transaction, lead_id: int) -> None:
    """What stands for a lead is worked out anew with the next run: two were made one."""
    tx.admin.set_meta(f"{DUE}{lead_id}", "1")


def make_up(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Work out what is owed: for leads that were made one, and to connections that were only observed."""
    with runtime.store.read() as tx:
        due, owed, begun = tx.admin.metas(DUE), tx.admin.metas(OWED), tx.admin.meta(BEGUN)
    if not begun:
        _begin(runtime, rows, counts)
    if due:
        with runtime.store.write() as tx:
            Ledger(tx, rows, runtime.clock(), counts).keep((), [int(name.removeprefix(DUE)) for name in due])
            for name in due:
                tx.admin.set_meta(name, "")
    for name in (one.removeprefix(OWED) for one in owed):
        if name in runtime.config.connections and not is_observed(runtime.config, name):
            _tell_all(runtime, rows, name, counts)


def begin_empty(tx: Transaction) -> None:
    """A store without leads has nothing from before the ledger."""
    if not tx.admin.meta(BEGUN) and not tx.intake.lead_numbers(0, 1):
        tx.admin.set_meta(BEGUN, "1")


def _begin(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Once: who was out before there was a ledger is in it from now on, and is told everywhere."""
    after = 0
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            ids = tx.intake.lead_numbers(after, BATCH)
            leads = tx.intake.leads(ids) if ids else {}
            out = {id: lead for id, lead in leads.items() if steps.is_out(lead) and not lead.merged_into}
            if out:
                Ledger(tx, rows, runtime.clock(), counts, out).keep((), list(out))
            if len(ids) < BATCH:
                tx.admin.set_meta(BEGUN, "1")
                return
            after = ids[-1]


def _tell_all(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    after = 0
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            ids = tx.intake.lead_numbers(after, BATCH)
            said = sorted(tx.consents.of_leads(ids)) if ids else []
            leads = [lead for lead in tx.intake.leads(said).values() if not lead.merged_into] if said else []
            Telling(tx, rows, runtime.clock(), counts).run(leads, name)
            if len(ids) < BATCH:
                tx.admin.set_meta(OWED + name, "")
                return
            after = ids[-1]


def by_hand(
    runtime: Runtime, rows: Callable[[int], Rows], lead_id: int, channel: str, who: str, note: str, *, given: bool
) -> int:
    """Keep what a person told `who` here, as their own word; to how many records it is told."""
    with recorded(runtime, "consent") as (run, counts):
        now = runtime.clock()
        word = ConsentEvent(lead_id, cast("Channel", channel), given, now, HERE, "person", "", True, f"{who}: {note}")
        with runtime.store.write() as tx:
            Ledger(tx, rows(run.id), now, counts).keep([word])
        return counts["consent told"]
