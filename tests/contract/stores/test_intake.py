"""The port `Intake`: leads, links, activities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.model.activity import Activity
from connector.model.lead import Lead, Link
from connector.model.ports import Store
from connector.model.score import Contribution, Score
from state import intake
from state.engine import ConstraintError

AddLeads = Callable[..., list[Lead]]


def full_lead(now: datetime) -> Lead:
    return Lead(
        fields={"email": "花子@example.jp", "name.family": "山田", "company.employees": 40, "consent.email": True},
        said={"email": ("hubspot", "2026-12-07T08:00:00+00:00"), "name.family": ("files", "")},
        flags={"email": "not an email address"},
        counters={"hubspot:visits": 7},
        stage="warm",
        stage_since=now - timedelta(days=1),
        flow="b2b",
        owner="sam@example.com",
        score=Score(
            now, "abc123", 15, 20, -5, 30, "B1",
            (Contribution("level", "fit", 15, "job_level=director", 15), Contribution("cap: intent", "intent", -5)),
            now + timedelta(days=3),
        ),
    )  # fmt: skip


def event(number: int, at: datetime, lead_id: int = 0, **given: str) -> Activity:
    given = {"person": "p1", "kind": "page_view", **given}
    return Activity("hubspot", f"e{number}", given.pop("person"), at, given.pop("kind"), lead_id=lead_id, **given)  # type: ignore[arg-type]


class TestLeads:
    def test_a_lead_comes_back_as_it_was_stored(self, store: Store, now: datetime) -> None:
        lead = full_lead(now)
        with store.write() as tx:
            tx.intake.add_leads([lead], now)
        assert lead.id > 0
        with store.read() as tx:
            found = tx.intake.leads([lead.id, lead.id + 1000])
        assert found == {lead.id: replace(lead, created_at=now, changed_at=now)}

    def test_all_ids_a_page_at_a_time(self, store: Store, add_leads: AddLeads) -> None:
        ids = [lead.id for lead in add_leads(5)]
        with store.read() as tx:
            assert tx.intake.lead_numbers() == ids
            assert tx.intake.lead_numbers(ids[1], 2) == ids[2:4]
            assert tx.intake.lead_numbers(ids[4]) == []

    def test_ids_are_given_in_order_and_never_twice(self, store: Store, add_leads: AddLeads) -> None:
        first, second = add_leads(3), add_leads(2)
        ids = [lead.id for lead in first + second]
        assert ids == sorted(set(ids))

    def test_a_lead_without_a_score_is_due_for_one(self, store: Store, now: datetime) -> None:
        lead = Lead(fields={"phone": "+81312345678"})
        with store.write() as tx:
            tx.intake.add_leads([lead], now)
        with store.read() as tx:
            assert tx.intake.leads([lead.id])[lead.id].score is None
            assert tx.scores.due(now - timedelta(seconds=1), 10) == []
            assert tx.scores.due(now, 10) == [lead.id]

    def test_an_update_keeps_score_and_creation(self, store: Store, now: datetime) -> None:
        lead, later = full_lead(now), now + timedelta(hours=1)
        with store.write() as tx:
            tx.intake.add_leads([lead], now)
        changed = replace(
            lead, fields={"email": "new@example.com"}, said={"email": ("crm", "x")}, flags={}, counters={}, stage="mql",
            stage_since=later, flow="b2c", owner="", score=None,
        )  # fmt: skip
        with store.write() as tx:
            tx.intake.update_leads([changed], later)
        with store.read() as tx:
            found = tx.intake.leads([lead.id])[lead.id]
            assert tx.intake.by_email(["花子@example.jp", "new@example.com"]) == {"new@example.com": [lead.id]}
        assert found == replace(changed, score=lead.score, created_at=now, changed_at=later)

    def test_one_email_may_belong_to_several(self, store: Store, now: datetime) -> None:
        leads = [Lead(fields={"email": "info@example.com"}), Lead(fields={"email": "info@example.com"}), Lead()]
        with store.write() as tx:
            tx.intake.add_leads(leads, now)
        with store.read() as tx:
            assert tx.intake.by_email(["info@example.com", "x@example.com"]) == {
                "info@example.com": [leads[0].id, leads[1].id]
            }

    def test_nothing_is_nothing(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.intake.add_leads([], now)
            tx.intake.update_leads([], now)
            tx.intake.put_links([])
            assert tx.intake.add_activities([]) == 0
            assert (tx.intake.leads([]), tx.intake.by_email([]), tx.intake.links("a", "b", [])) == ({}, {}, {})

    def test_more_ids_than_one_statement_takes(self, store: Store, add_leads: AddLeads) -> None:
        known = add_leads(3)[2].id
        with store.read() as tx:
            assert list(tx.intake.leads(range(known, known + 12_000))) == [known]


class TestLinks:
    def test_links_are_found_by_connection_object_and_id(self, store: Store, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2))
        links = [
            Link("hubspot", "contact", "17", one, 2**62 + 1, "identity"),
            Link("hubspot", "contact", "018", two),
            Link("salesforce", "contact", "17", two),
        ]
        with store.write() as tx:
            tx.intake.put_links(links)
        with store.read() as tx:
            found = tx.intake.links("hubspot", "contact", ["17", "18", "018"])
            ids = tx.intake.lead_ids("hubspot", "contact", ["17", "18", "018"])
            assert ids == {external_id: link.lead_id for external_id, link in found.items()}
        assert found == {"17": links[0], "018": links[1]}

    def test_a_link_is_updated_in_place(self, store: Store, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.intake.put_links([Link("hubspot", "contact", "17", one, 1)])
            tx.intake.put_links([Link("hubspot", "contact", "17", two, 2)])
            assert tx.intake.links("hubspot", "contact", ["17"])["17"] == Link("hubspot", "contact", "17", two, 2)
            assert tx.reports.totals()["links"] == 1

    def test_a_link_to_nobody_is_refused(self, store: Store) -> None:
        with pytest.raises(ConstraintError), store.write() as tx:
            tx.intake.put_links([Link("hubspot", "contact", "17", 999_999_999)])


class TestActivities:
    def test_an_activity_comes_back_as_it_was_stored(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        seen = Activity(
            "hubspot", "e1", "p1", now, "form_submit", "pricing", "guide", "https://example.com/?q=価格", 90, "spring",
            {"Budget?": "1–2 M¥"}, lead.id,
        )  # fmt: skip
        with store.write() as tx:
            assert tx.intake.add_activities([seen]) == 1
            (found,) = tx.intake.activities([lead.id])[lead.id]
        assert found.id > 0
        assert replace(found, id=0) == seen

    def test_the_same_event_is_one_row(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            assert tx.intake.add_activities([event(1, now, lead.id), event(1, now, lead.id)]) == 1
            assert tx.intake.add_activities([event(1, now, lead.id), event(2, now, lead.id)]) == 1
            other = replace(event(1, now, lead.id), connection="files")
            assert tx.intake.add_activities([other]) == 1
            assert tx.intake.lifetime([lead.id]) == {lead.id: {"page_view": 3}}

    def test_they_come_oldest_first_and_from_a_time_on(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:  # fmt: skip
        one, two = (lead.id for lead in add_leads(2))
        times = [now - timedelta(days=days) for days in (1, 30, 0)]
        with store.write() as tx:
            tx.intake.add_activities([event(place, at, one) for place, at in enumerate(times)] + [event(9, now, two)])
            everything = tx.intake.activities([one, two])
            assert [seen.at for seen in everything[one]] == sorted(times)
            assert [seen.at for seen in everything[two]] == [now]
            recent = tx.intake.activities([one], since=times[0])
        assert [seen.at for seen in recent[one]] == [times[0], times[2]]

    def test_only_those_of_some_kinds_come_where_that_is_asked(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        one, two = (lead.id for lead in add_leads(2))
        kinds = ("visit", "download", "chat", "download")
        events = [replace(event(place, now, one), kind=kind) for place, kind in enumerate(kinds)]
        with store.write() as tx:
            tx.intake.add_activities([*events, event(9, now, two)])
            found = tx.intake.activities([one, two], kinds=["download", "chat"])
            assert tx.intake.activities([one, two], kinds=[]) == {}
        assert {lead_id: [seen.kind for seen in several] for lead_id, several in found.items()} == {
            one: ["download", "chat", "download"]
        }

    def test_times_come_back_aware_and_in_utc(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        in_tokyo = now.astimezone(timezone(timedelta(hours=9)))
        with store.write() as tx:
            tx.intake.add_activities([event(1, in_tokyo, lead.id)])
            (found,) = tx.intake.activities([lead.id])[lead.id]
        assert found.at == now
        assert found.at.tzinfo is UTC

    def test_a_naive_time_is_refused(self, store: Store, now: datetime) -> None:
        with pytest.raises(TypeError), store.write() as tx:
            tx.intake.add_activities([event(1, now.replace(tzinfo=None))])

    def test_those_of_unknown_people_wait_for_their_link(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:  # fmt: skip
        one, two = (lead.id for lead in add_leads(2))
        early = [event(1, now), event(2, now, person="p2"), replace(event(3, now), connection="files")]
        with store.write() as tx:
            assert tx.intake.add_activities(early) == 3
            assert tx.reports.totals()["waiting_activities"] == 3
            assert tx.intake.adopt_activities("hubspot", {"p1": one, "p9": two}) == {one}
            assert tx.intake.adopt_activities("hubspot", {"p1": one}) == set()
            assert [seen.source_id for seen in tx.intake.activities([one, two])[one]] == ["e1"]
            assert tx.intake.lifetime([one, two]) == {one: {"page_view": 1}}
            assert tx.reports.totals()["waiting_activities"] == 2

    @pytest.mark.parametrize("backlog", [1, 2, 20_000])
    def test_an_event_that_is_told_anew_is_of_its_new_kind_and_keeps_its_lead(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, backlog: int
    ) -> None:
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.intake.add_activities([event(1, now, lead.id), event(2, now, lead.id)])
            tx.intake.add_activities([event(3, now, lead.id)])
            again = [event(1, now, kind="demo_request"), event(2, now), event(4, now, lead.id)]
            assert tx.intake.add_activities(again) == 2
            assert tx.intake.add_activities(again) == 0
            tx.intake.add_activities([event(5, now, lead.id)])
        with store.read() as tx:
            assert tx.intake.lifetime([lead.id]) == {lead.id: {"demo_request": 1, "page_view": 4}}
            assert [one.kind for one in tx.intake.activities([lead.id])[lead.id]].count("demo_request") == 1

    @pytest.mark.parametrize("backlog", [1, 2, 5, 20_000])
    def test_lifetime_counts_each_once_however_often_it_is_rolled_up(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, backlog: int
    ) -> None:
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        one, two = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.intake.add_activities([event(1, now), event(2, now, one), event(3, now - timedelta(days=400), one)])
            tx.intake.add_activities([event(2, now, one), event(4, now, two, kind="visit"), event(5, now, one)])
        with store.write() as tx:
            tx.intake.adopt_activities("hubspot", {"p1": two})
            tx.intake.add_activities([event(6, now, two)])
        with store.read() as tx:
            assert tx.intake.lifetime([one, two]) == {one: {"page_view": 3}, two: {"visit": 1, "page_view": 2}}
