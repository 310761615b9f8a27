"""Going live between HubSpot and a Salesforce that holds some of the same people, as RevOps would do it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connector.insight.plan import Row
from connector.model.handoff import Handoff
from connector.runs.apply import Applied
from connector.runs.stamps import Stamp
from connector.runs.sync import sync
from connector.sandbox.clock import Clock
from tests import going_live
from tests.going_live import Judged, expected_record
from tests.pair import SECRETS, Pair, pair
from tests.story import MINUTE, Ran, Story

PEOPLE, PER_DAY = 300, 30
#: What a quiet run asks: each stream of both once, and what HubSpot's search needs to be sure of.
QUIET = 17


class Waiting(threading.Event):
    """Whoever waits for a platform's limits moves the clock on."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.move(timeout or 0.0)
        return self.is_set()


def run(line: Pair) -> Ran:
    result = sync(line.app.runtime(stop=Waiting(line.clock)), line.app.rows)
    return Ran(result.counts, [f"{name}: {error}" for name, error in result.failures])


@dataclass
class Told:
    """The story as it was told once, for all tests."""

    story: Story
    judged: Judged
    met: Mapping[str, set[str]]
    rows: Mapping[int, Row]
    stamps: list[Stamp]
    applied: Applied
    days: list[tuple[list[Handoff], list[Handoff]]]
    queue: list[Handoff]
    changed: tuple[list[str], list[str]]
    before: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, Mapping[str, Any]]
    worked: Mapping[str, list[str]]
    agreed: dict[str, list[str]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    settings = {"flow": going_live.flow(), "hubspot": going_live.HUBSPOT, "salesforce": going_live.SALESFORCE,
                "files": going_live.FILES}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        with pair(tmp_path_factory.mktemp("live"), mode="observe", **settings) as one:
            yield tell(Story(one, going_live.fill(one.portal, one.org, PEOPLE), run))


@pytest.fixture(scope="module")
def story(told: Told) -> Story:
    return told.story


def tell(story: Story) -> Told:
    one = story.pair
    agreed: dict[str, list[str]] = {}
    story.go_on("observe", MINUTE)
    judged = going_live.judge(one.app.store, story.world)
    met = {id: going_live.met_on(story.world, one.org, id) for id in story.world.people}
    rows = {row.lead_id: row for row in story.plan()}
    stamps, applied = story.stamp()
    story.go_on("stamps", MINUTE)
    agreed["stamps"] = story.differences()
    story.go_live(one.now.date(), PER_DAY)
    with one.app.store.read() as tx:
        queue = tx.handoffs.in_state("b2b", "observed", 10**6)
    days = [story.day(number) for number in (1, 2)]
    agreed["days"] = story.differences()
    story.go_live(story.start, None)
    story.go_on("without a limit", MINUTE)
    agreed["without a limit"] = story.differences()
    story.go_on("nothing changed")
    story.go_on("nothing changed, later", MINUTE)
    out = [story.contact(one) for one in story.out()]
    changed = (out[::20], [id for id in out[1::20] if story.world.people[id]["jobtitle"] != TITLE])
    before = story.leads()
    story.change(changed[0], city="Ulm")
    story.change(changed[1], jobtitle=TITLE)
    story.go_on("changed", 3 * MINUTE)
    after = story.leads()
    agreed["changed"] = story.differences()
    free = [one for one in story.out() if not one.record and not is_customer(story, one)]
    one.clock.move(60)
    worked = story.work(free[:50])
    story.go_on("worked", 3 * MINUTE)
    agreed["worked"] = story.differences()
    return Told(story, judged, met, rows, stamps, applied, days, queue, changed, before, after, worked, agreed)


TITLE = "Director IT"


def is_customer(story: Story, handoff: Handoff) -> bool:
    """Whether HubSpot has had them as a customer from the beginning."""
    return story.world.people[story.contact(handoff)]["lifecyclestage"] == "customer"


def test_everybody_who_can_be_found_is_found_and_nobody_is_taken_for_another(told: Told) -> None:
    there = told.story.world.there
    assert (told.judged.wrong, told.judged.twins, told.judged.missed) == ([], [], [])
    by_key = {key: count for key, count in told.judged.right.items() if key[0] in ("email", "phone")}
    assert sum(by_key.values()) >= sum(bool(truth.by) for truth in there.values())
    assert {kind for _, kind in by_key} == {"lead", "contact", "converted", "customer", "opportunity"}
    assert {by for by, _ in told.judged.right} <= {"email", "phone", "alike"}
    left = sum(not truth.by for truth in there.values())
    assert told.judged.unfindable + told.judged.found_all_the_same == left > 0
    assert told.judged.perhaps > told.judged.perhaps_wrong


def test_observing_writes_nothing_and_the_plan_says_who_is_met_where(told: Told, story: Story) -> None:
    assert story.steps["observe"].deeds == []
    there = story.world.there
    for handoff in told.queue:
        truth, row = there.get(story.contact(handoff)), told.rows[handoff.lead_id]
        if truth is None or not truth.by:
            places = told.met[story.contact(handoff)]
            if (row.action, row.kind) == ("create", "a task for someone who is there already"):
                assert any(place and place.split(":")[1] in row.reason for place in places)
            else:
                assert row.kind in ("", "an open lead that is there already")
                assert "" in places
        elif truth.kind == "lead":
            assert (row.action, row.kind) == ("change", "an open lead that is there already")
        else:
            assert (row.action, row.kind) == ("create", "a task for someone who is there already")
            assert expected_record(truth).split(":")[1] in row.reason


def test_stamps_are_written_to_the_right_leads_and_nothing_else_is(told: Told, story: Story) -> None:
    there = [truth for truth in story.world.there.values() if truth.kind == "lead"]
    found = {stamp.id for stamp in told.stamps}
    assert found >= {truth.ids["lead"] for truth in there if truth.by}
    leads = found & {truth.ids["lead"] for truth in there}
    assert found == leads
    assert (told.applied.stamped, told.applied.already, told.applied.left) == (len(leads), 0, [])
    deeds = story.steps["stamps"].deeds
    assert {(deed.did, deed.object, deed.fields) for deed in deeds} == {("update", "Lead", ("Baton_Id__c",))}
    assert sorted(deed.id for deed in deeds) == sorted(leads)


def test_each_day_hands_over_as_many_as_it_may_the_best_first_and_nobody_twice(told: Told, story: Story) -> None:
    assert [len(given) for given, _ in told.days] == [PER_DAY, PER_DAY]
    for number, (given, left) in enumerate(told.days, 1):
        assert story.steps[f"day {number}"].ran.counts["handed over"] == PER_DAY
        assert story.steps[f"day {number}, later"].ran.counts["handed over"] == 0
        assert story.steps[f"day {number}, later"].deeds == []
        assert min((one.hot, one.total) for one in given) >= max((one.hot, one.total) for one in left)
    leads = [one.lead_id for one in story.out()]
    assert len(set(leads)) == len(leads)


def test_who_is_there_is_met_on_their_record_and_no_second_one_is_made(told: Told, story: Story) -> None:
    there = story.world.there
    for handoff in story.out():
        assert handoff.record in told.met[story.contact(handoff)]
    strangers = [one for one in story.out() if story.contact(one) not in there]
    assert any(one.record for one in strangers)
    emails = Counter(str(lead.get("Email") or "").lower() for lead in story.pair.org.live("Lead"))
    known = {story.world.people[id]["email"] for id, truth in there.items() if truth.by == "email"}
    made = [deed.key for step in story.steps.values() for deed in step.written("create", "Lead")]
    assert len(made) == len(set(made))
    assert not [email for email in known if emails[email] > 1 and "there twice" not in " ".join(_changes(story, email))]


def _changes(story: Story, email: str) -> tuple[str, ...]:
    (found,) = [id for id, person in story.world.people.items() if person["email"] == email]
    return story.world.there[found].changes


def test_without_a_limit_the_rest_goes_at_once(told: Told, story: Story) -> None:
    assert story.steps["without a limit"].ran.counts["handed over"] == len(told.days[-1][1]) > 0
    assert len(story.out()) == len(told.queue) - fallen_back(story)


def fallen_back(story: Story) -> int:
    """Who fell below the line while they waited."""
    with story.pair.app.store.read() as tx:
        return tx.handoffs.counts().get(("b2b", "closed"), 0) - len([one for one in story.out() if one.closed_at])


def test_nothing_changed_writes_nothing(story: Story) -> None:
    for name in ("nothing changed", "nothing changed, later"):
        step = story.steps[name]
        assert (step.deeds, step.ran.failures) == ([], [])
        assert sum(step.calls.values()) <= QUIET, dict(step.calls)


def test_what_changed_is_written_and_only_the_fields_that_differ(told: Told, story: Story) -> None:
    updates = story.steps["changed"].written("update", "Lead")
    assert len({deed.id for deed in updates}) == len(updates)
    for deed in updates:
        before, after = told.before[deed.id], told.after[deed.id]
        differs = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert differs - {"LastModifiedDate", "LastModifiedById", "SystemModstamp"} == set(deed.fields)
    ours = {story.contact(one): one for one in story.out() if not one.record}
    moved = {story.crm_id(ours[id]) for id in told.changed[0] if id in ours}
    assert {deed.id for deed in updates if deed.fields == ("City",)} == moved
    assert {deed.id for deed in updates} <= {story.crm_id(ours[id]) for ids in told.changed for id in ids if id in ours}
    assert story.steps["changed"].written("create") == []
    told_of = {deed.id for deed in story.steps["changed"].written("update", "contacts")}
    assert told_of <= set(told.changed[1])


def test_what_reps_did_is_told_to_marketing(told: Told, story: Story) -> None:
    def values(group: str, name: str) -> set[str | None]:
        return {story.pair.contact(id).get(name) for id in told.worked[group]}

    assert values("won", "lifecyclestage") == {"customer"}
    assert values("won", "baton_amount") == {"12000"}
    assert values("in a deal", "lifecyclestage") == {"opportunity"}
    assert (values("lost", "baton_stage"), values("won", "baton_stage")) == ({"lost"}, {"won"})
    assert values("working", "baton_stage") == {"sal"}
    assert None not in values("working", "baton_contacted_in")
    assert values("rejected", "baton_rejected_for") == {"not_now"}
    assert values("rejected", "lifecyclestage") == {"lead"}
    assert values("rated", "baton_rating") == {"4"}
    assert values("with petra", "baton_owner") == {"petra@northwind.example"}
    lists = {one.name: {str(id) for id in one.members} for one in story.pair.portal.lists.values()}
    assert lists["Baton: later"] == set(told.worked["rejected"])


def test_after_each_step_platforms_and_store_agree(told: Told, story: Story) -> None:
    assert {name: found for name, found in told.agreed.items() if found} == {}
    assert [step.ran.failures for step in story.steps.values() if step.ran.failures] == []


def test_writes_are_as_few_calls_as_batches_allow(story: Story) -> None:
    """The sum over kinds of ceil(records / 200) to Salesforce, ceil(records / 100) to HubSpot."""
    step = story.steps["without a limit"]
    created = {object: len(step.written("create", object)) for object in ("Lead", "Task", "CampaignMember")}
    for object, count in created.items():
        calls = sum(n for route, n in step.calls.items() if route.startswith("salesforce PO") and object in route)
        assert calls <= -(-count // 200), (object, count, dict(step.calls))
