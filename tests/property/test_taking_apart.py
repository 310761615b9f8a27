"""Two leads made one and taken apart again are what they were, with what each of their records did since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.config import Config
from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.joining import Joining
from connector.model.lead import Lead, Link, Statement
from connector.model.ports import Transaction
from connector.runs.joining import make_one
from connector.runs.take_apart import take_apart
from connector.steps.identity import derive_again
from connector.steps.joining import kept
from state import intake, open_store

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONFIG = cast("Config", SimpleNamespace(flows={}))
STAMPS = (("portal", "2026-11-01T00:00:00+00:00"), ("crm", "2026-11-02T00:00:00+00:00"))
NAMES = ("email", "phone", "job_title", "city", "country", "consent.email", "opportunity.id", "first.source")
#: A value of a field with who said so, who else says what, a counter.
VALUES = st.tuples(st.sampled_from((None, "one@x.example", "two", False)), st.sampled_from(STAMPS))
LEADS = st.fixed_dictionaries({
    "values": st.dictionaries(st.sampled_from(NAMES), VALUES),
    "sides": st.dictionaries(st.sampled_from(NAMES), st.sampled_from((None, "three", "four"))),
    "counter": st.one_of(st.none(), st.integers(1, 3)),
    "former": st.lists(st.sampled_from(("was@x.example", "one@x.example")), unique=True),
    "stage": st.sampled_from(("known", "warm", "mql", "rejected")),
})  # fmt: skip
#: Whose record (0 and 1 are records of two leads, 2 is a name that either is called by), the day, the kind.
DEEDS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 6), st.sampled_from("ab")), max_size=8)
#: A column of both: the day on which it says that something was done.
COLUMNS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=4, unique=True)
CUT = st.integers(0, 5)


def lead_of(told: dict[str, Any]) -> Lead:
    lead = Lead(stage=told["stage"], former=list(told["former"]))
    for name, (value, stamp) in told["values"].items():
        lead.said[name] = stamp
        if value is not None:
            lead.fields[name] = value
    lead.sides = {"crm": {name: Statement(value, STAMPS[1][1]) for name, value in told["sides"].items()}}
    lead.sides = {by: some for by, some in lead.sides.items() if some}
    lead.counters = {"portal:visits": told["counter"]} if told["counter"] else {}
    lead.flags = {name: "not a phone number" for name in lead.fields if name == "phone"}
    derive_again(lead)
    return lead


@dataclass
class Story:
    """What was done so far: (lead, kind) of each, and those that are still there."""

    tx: Transaction
    ids: tuple[int, int]
    done: list[tuple[int, str, int]] = field(default_factory=list)
    cut: int = 0
    number: int = 0
    joined: bool = False
    #: Leads that were called by the name that either may have, and when; those of whom that is known at the joining.
    named: list[tuple[int, int]] = field(default_factory=list)
    only: set[int] = field(default_factory=set)

    def does(self, record: int, named: int, day: int, kind: str) -> None:
        """A record does something; where a name is of either, `named` says whose it is."""
        person = ("p0", "p1", "both@x.example")[record]
        ids = self.tx.intake.lead_ids("portal", "contact", [person])
        lead_id = ids.get(person) or self.tx.intake.leads([self.ids[named]])[self.ids[named]].merged_into
        lead_id = lead_id or self.ids[named]
        self.number += 1
        at = NOW + timedelta(days=day, minutes=self.number)
        one = Activity("portal", f"d{self.number}", person, at, kind, lead_id=lead_id)
        if self.tx.intake.add_activities([one]):
            owner = self.ids[record] if record < 2 else self.called_so(lead_id, day)
            self.done.append((owner, kind, day))

    def called_so(self, lead_id: int, day: int) -> int:
        """Whose a name is: of one lead where nobody else was called so at the joining, else of whom it is said."""
        if not self.joined:
            self.named.append((lead_id, day))
            return lead_id
        return next(iter(self.only)) if len(self.only) == 1 else lead_id

    def join(self) -> None:
        self.joined = True
        self.only = {lead_id for lead_id, day in self.named if day >= self.cut}

    def column(self, record: int, day: int) -> None:
        at = NOW + timedelta(days=day)
        one = Activity("portal", f"p{record}:met:{day}", f"p{record}", at, "met", lead_id=self.ids[record])
        if self.tx.intake.add_activities([one]):
            self.done.append((self.ids[record], "met", day))

    def forgets(self, day: int) -> None:
        """What was done before a day is counted, and there no more."""
        at, self.cut = NOW + timedelta(days=day), max(self.cut, day)
        old, _ = self.tx.retention.activities(at, 0, 1000)
        self.tx.retention.cut("activities", at)
        self.tx.retention.drop_activities(old)

    def counts(self) -> dict[int, dict[str, int]]:
        found: dict[int, Counter[str]] = {}
        for lead_id, kind, _ in self.done:
            found.setdefault(lead_id, Counter())[kind] += 1
        return {lead_id: dict(some) for lead_id, some in found.items()}

    def there(self) -> dict[int, int]:
        return dict(Counter(lead_id for lead_id, _, day in self.done if day >= self.cut))


def what(tx: Transaction, ids: tuple[int, int]) -> tuple[Any, ...]:
    leads, handoffs = tx.intake.leads(ids), tx.handoffs.of_leads(ids)
    links = {(one.external_id, one.lead_id) for some in tx.intake.links_of(ids).values() for one in some}
    emails = {one for found in tx.intake.by_email(["one@x.example", "two"]).values() for one in found}
    return ([kept(leads[id]) for id in ids], [leads[id].merged_into for id in ids], handoffs, links, emails)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.tuples(LEADS, LEADS), DEEDS, COLUMNS, st.booleans(), DEEDS, st.tuples(CUT, CUT), st.sampled_from((1, 4, 999)))
def test_taken_apart_they_are_what_they_were(
    told: tuple[dict[str, Any], dict[str, Any]], before: list[tuple[int, int, int, str]],
    columns: list[tuple[int, int]], other_wins: bool, after: list[tuple[int, int, int, str]], cuts: tuple[int, int],
    backlog: int,
) -> None:  # fmt: skip
    was, intake.BACKLOG = intake.BACKLOG, backlog
    try:
        with TemporaryDirectory() as folder:
            store = open_store(Path(folder) / "s.db")
            with store.write() as tx:
                _holds(tx, [lead_of(one) for one in told], before, columns, after, cuts, other_wins=other_wins)
            store.close()
    finally:
        intake.BACKLOG = was


def _holds(
    tx: Transaction, leads: list[Lead], before: list[tuple[int, int, int, str]], columns: list[tuple[int, int]],
    after: list[tuple[int, int, int, str]], cuts: tuple[int, int], *, other_wins: bool,
) -> None:  # fmt: skip
    tx.intake.add_leads(leads, NOW)
    ids = (leads[0].id, leads[1].id)
    tx.intake.put_links([Link("portal", "contact", f"p{place}", id, 7) for place, id in enumerate(ids)])
    tx.handoffs.add([
        Handoff(lead.id, "b2b", "mql", "review", NOW, "v1") for lead in leads if lead.stage == "mql"
    ])  # fmt: skip
    story = Story(tx, ids)
    for deed in before:
        story.does(*deed)
    for one in columns:
        story.column(*one)
    story.forgets(cuts[0])
    first = what(tx, ids)
    assert tx.intake.lifetime(ids) == story.counts()
    joining = _joined(tx, ids, other_wins=other_wins)
    _are_one(tx, joining, story)
    story.join()
    for deed in after:
        story.does(*deed)
    lost = [(lead_id, kind, day) for lead_id, kind, day in story.done[len(before) + len(columns) :] if day < cuts[1]]
    story.forgets(cuts[1])
    assert take_apart(tx, joining, "lena", NOW + timedelta(days=2)) is not None
    # What the other's record did since, and was forgotten before it was taken apart, is counted where it was done.
    for lead_id, kind, day in lost:
        story.done.remove((lead_id, kind, day))
        story.done.append((joining.winner, kind, day))
    assert what(tx, ids) == first
    assert tx.intake.lifetime(ids) == story.counts()
    assert {id: len(some) for id, some in tx.intake.activities(ids).items()} == story.there()


def _joined(tx: Transaction, ids: tuple[int, int], *, other_wins: bool) -> Joining:
    winner, loser = ids[::-1] if other_wins else ids
    made = make_one(tx, CONFIG, winner, loser, "person", "lena", NOW + timedelta(days=1))
    assert made is not None
    (joining,) = tx.joinings.of_leads([winner])
    assert (joining.winner, joining.loser) == (made.winner, made.loser)
    return joining


def _are_one(tx: Transaction, joining: Joining, story: Story) -> None:
    """Both are counted with the winner, what both told by a column once."""
    both = {(kind, day) for _, kind, day in story.done if kind == "met"}
    met = [(kind, day) for _, kind, day in story.done if kind == "met"]
    twins = sum(met.count(one) > 1 for one in both if one[1] >= story.cut)
    found = tx.intake.lifetime([joining.winner, joining.loser])
    assert joining.loser not in found
    assert sum(found.get(joining.winner, {}).values()) == len(story.done) - twins
