"""Gathering facts about one lead at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.model.activity import Activity
from connector.model.lead import Lead
from connector.model.score import Score
from connector.steps.facts import account_of, build

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(hours: float, kind: str = "visit") -> Activity:
    return Activity("files", f"{kind}{hours}", "p", NOW + timedelta(hours=hours), kind)


def test_activities_stand_by_kind_oldest_first_whatever_their_order() -> None:
    facts = build(Lead(), [at(-1), at(-3), at(-2, "download"), at(-2), at(0)], NOW)
    assert [one.at for one in facts.activities["visit"]] == [NOW - timedelta(hours=hours) for hours in (3, 2, 1, 0)]
    assert [one.kind for one in facts.activities["download"]] == ["download"]
    assert facts.later is None


def test_what_is_still_to_come_is_left_out_and_the_first_of_it_remembered() -> None:
    facts = build(Lead(), [at(5), at(-1), at(2), at(3, "download")], NOW, {"visit": 10, "download": 1})
    assert {kind: len(several) for kind, several in facts.activities.items()} == {"visit": 1}
    assert facts.lifetime == {"visit": 8, "download": 0}
    assert facts.later == NOW + timedelta(hours=2)


def test_when_a_field_changed_is_read_from_who_said_so() -> None:
    said = {"city": ("crm", "2026-11-01T08:00:00+00:00"), "phone": ("crm", "2026-11-21T08:00:00+00:00")}
    changed = build(Lead(said=said), [], NOW).changed
    assert dict(changed) == {"city": datetime(2026, 11, 1, 8, tzinfo=UTC)}
    assert len(changed) == 1
    assert "phone" not in changed


def test_a_lead_without_activities_has_its_fields_and_counts() -> None:
    lead = Lead(fields={"city": "Ulm"})
    facts = build(lead, [], NOW, {"visit": 3}, "lena@northwind.example")
    assert (facts.now, facts.fields, facts.lifetime) == (NOW, {"city": "Ulm"}, {"visit": 3})
    assert facts.account_owner == "lena@northwind.example"
    assert not facts.activities


def test_a_roll_up_that_is_behind_its_activities_never_falls_below_nought() -> None:
    facts = build(Lead(), [at(1), at(2), at(3, "download")], NOW, {"visit": 1})
    assert facts.lifetime == {"visit": 0}


def test_what_changed_at_this_very_moment_has_changed() -> None:
    changed = build(Lead(said={"city": ("crm", NOW.isoformat())}), [], NOW).changed
    assert dict(changed) == {"city": NOW}


def test_two_activities_stand_in_order_beside_all_that_is_known_of_the_lead() -> None:
    lead = Lead(fields={"city": "Ulm"}, said={"city": ("crm", NOW.isoformat())})
    facts = build(lead, [at(-1), at(-2)], NOW, None, "lena@northwind.example")
    assert [one.at for one in facts.activities["visit"]] == [NOW - timedelta(hours=hours) for hours in (2, 1)]
    assert (dict(facts.changed), facts.account_owner) == ({"city": NOW}, "lena@northwind.example")
    assert (facts.fields, facts.lifetime, build(lead, [], NOW).account_owner) == (lead.fields, {}, "")


def test_what_is_known_of_the_account_stands_beside_the_leads_own_fields() -> None:
    lead = Lead(fields={"city": "Bonn"}, score=Score(NOW, "v1", account={"account.score": 5}))
    account = account_of(lead)
    assert account == {"account.score": 5}
    assert build(lead, [], NOW, account=account).fields == {"city": "Bonn", "account.score": 5}
    assert lead.fields == {"city": "Bonn"}
    assert account_of(Lead()) is None
