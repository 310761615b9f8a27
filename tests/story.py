"""The months after HubSpot and Salesforce were connected, step by step; what each step wrote is kept.

A step runs the line by `run`, in this process or in one of its own. Days begin at eight in the morning.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from connector.insight.plan import Row
from connector.model.handoff import Handoff
from connector.runs.apply import Applied, apply_stamps
from connector.runs.plan import rehearse
from connector.runs.stamps import Stamp, document, propose
from connector.sandbox.ledger import Deed
from connector.steps.telling.words import Words
from tests import going_live
from tests.going_live import World
from tests.pair import Pair

PER_DAY = 60
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Ran:
    """What one run of the line counted, and what it cost; seconds, and mebibytes."""

    counts: Mapping[str, int] = field(default_factory=dict)
    failures: Sequence[str] = ()
    cpu: float = 0.0
    wall: float = 0.0
    memory: float = 0.0


@dataclass(slots=True)
class Step:
    """One run, and what both servers received meanwhile."""

    name: str
    ran: Ran
    calls: Counter[str]
    deeds: Sequence[Deed]

    def written(self, did: str = "", object: str = "") -> list[Deed]:
        """What was done to the records of one object."""
        return [deed for deed in self.deeds if did in ("", deed.did) and object in ("", deed.object)]


@dataclass(slots=True)
class Story:
    """A pair of platforms with people, and what happened there."""

    pair: Pair
    world: World
    run: Callable[[Pair], Ran]
    steps: dict[str, Step] = field(default_factory=dict)
    start: date | None = None

    def go_on(self, name: str, after: timedelta = timedelta()) -> Step:
        """Let time pass and run the line once."""
        self.pair.clock.move(after.total_seconds())
        ledgers = (self.pair.hubspot.ledger, self.pair.salesforce.ledger)
        for ledger in ledgers:
            ledger.clear()
        ran = self.run(self.pair)
        deeds = [deed for ledger in ledgers for deed in ledger.deeds()]
        self.steps[name] = Step(name, ran, self.pair.calls(), deeds)
        return self.steps[name]

    # before anything is written

    def plan(self) -> list[Row]:
        """What going live would do."""
        words = Words("en", self.pair.app.config.zone, lambda text: text, self.pair.now)
        return rehearse(self.pair.app.runtime(), self.pair.app.rows(), words, as_live=True)

    def stamp(self) -> tuple[list[Stamp], Applied]:
        """Propose our key for the records that are leads of ours, keep the plan as JSON, apply it."""
        runtime, rows = self.pair.app.runtime(), self.pair.app.rows
        proposed = propose(runtime, rows().store_id)
        kept = json.loads(json.dumps(document(runtime, rows().store_id, proposed)))
        return proposed.stamps, apply_stamps(runtime, kept, rows)

    # live

    def go_live(self, start: date | None, per_day: int | None) -> None:
        """The admin changes the configuration."""
        self.start = start
        begin = f"start = {start.isoformat()}\n" if start else ""
        limit = f"handoffs_per_day = {per_day}\n" if per_day else ""
        self.pair.reopen(mode="live", flow=going_live.flow(begin + limit))

    def day(self, number: int) -> tuple[list[Handoff], list[Handoff]]:
        """A day with two runs; who was handed over by the first, and who waited after it."""
        morning = self.pair.now.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.go_on(f"day {number}", morning - self.pair.now)
        given = [one for one in self.out() if one.opened_at and one.opened_at >= morning]
        left = self.waiting()
        self.go_on(f"day {number}, later", timedelta(hours=4))
        return given, left

    def waiting(self) -> list[Handoff]:
        """Who waits for another day, best first."""
        with self.pair.app.store.read() as tx:
            return tx.handoffs.in_state("b2b", "waiting", going_live.EVERY)

    def out(self) -> list[Handoff]:
        """Every handoff that was given to somebody."""
        with self.pair.app.store.read() as tx:
            return [one for one in going_live.handoffs_of(tx) if one.opened_at]

    # what people do

    def change(self, ids: Sequence[str], **properties: str) -> None:
        """A marketer edits contacts, all at once."""
        self.pair.acts("change", ids=list(ids), properties=properties)

    def contact(self, handoff: Handoff) -> str:
        """The contact's id in HubSpot."""
        with self.pair.app.store.read() as tx:
            links = tx.intake.links_of([handoff.lead_id], going_live.SOURCE)[handoff.lead_id]
            return next(link.external_id for link in links if link.object == "contact")

    def crm_id(self, handoff: Handoff) -> str:
        """The id of the lead in Salesforce that a handoff made or took over."""
        key = self.pair.app.rows().store_id + f"-{handoff.lead_id}"
        with self.pair.app.store.read() as tx:
            return tx.outbox.receipts(going_live.CRM, "lead", [key])[key].crm_id

    def work(self, some: Sequence[Handoff]) -> dict[str, list[str]]:
        """What reps do with fifty leads that they were given; the contacts' ids by what was done."""
        org, lena = self.pair.org, "lena@northwind.example"
        ids = [self.crm_id(one) for one in some]
        for lead in ids[:30]:
            org.edit(lead, {"Status": "Working"}, by=lena)
            org.log_call(lead, by=lena)
        deals = [org.convert(lead, by=lena)["opportunity"] for lead in ids[:12]]
        for deal in deals[:5]:
            org.close_opportunity(deal, won=True, amount=12_000.0, by=lena)
        for deal in deals[5:8]:
            org.close_opportunity(deal, won=False, by=lena)
        for lead in ids[30:40]:
            org.edit(lead, {"Status": "Unqualified", "Rejection_Reason__c": "Not now"}, by=lena)
        for lead in ids[40:45]:
            org.edit(lead, {"Lead_Quality__c": 4}, by=lena)
        for lead in ids[45:50]:
            org.edit(lead, {"OwnerId": "petra@northwind.example"}, by=lena)
        contacts = [self.contact(one) for one in some]
        return {
            "won": contacts[:5], "lost": contacts[5:8], "in a deal": contacts[8:12], "working": contacts[12:30],
            "rejected": contacts[30:40], "rated": contacts[40:45], "with petra": contacts[45:50],
        }  # fmt: skip

    def leads(self) -> dict[str, dict[str, Any]]:
        """The leads of Salesforce as they stand, by id."""
        return {one["Id"]: dict(one) for one in self.pair.org.live("Lead")}

    def differences(self) -> list[str]:
        """Where platforms and store do not agree."""
        books = going_live.books(self.pair.portal, self.pair.org)
        return going_live.differences(self.pair.app.store, books, self.pair.now)
