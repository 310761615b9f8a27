"""Leads that are alike become one before anybody is handed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters._world import World
from connector.model.joining import Pair
from connector.model.lead import Lead
from connector.runs import identify as identifying
from connector.runs.identify import identify
from connector.runs.joining import make_one
from tests.line import CONFIG, Line

MINUTE = timedelta(minutes=1)
#: What makes the same person known in another marketing platform.
NEWS = """
[connections.news]
type = "memory"
page_size = 1000
"""
TOM = {
    "email": "tom@firm.example", "name.given": "Tom", "name.family": "Weber", "job_title": "Director IT",
    "phone": "+49301234567",
}  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Line]:
    """Two marketing platforms, `portal` and `news`."""
    made = Line(tmp_path)
    made.reopen(in_two(made))
    yield made
    made.app.close()


def in_two(line: Line) -> str:
    text = CONFIG.format(
        database="baton.db", crm="memory", crm_settings="", mode="live", flow="", portal_settings="", page_size=1000
    )
    return text.replace("[connections.crm]", f"{NEWS}[connections.crm]").replace('["portal"]', '["portal", "news"]')


def news(line: Line) -> World:
    return line.app.source("news").world  # type: ignore[attr-defined,no-any-return]


def subscribe(line: Line, id: str, **columns: Any) -> None:
    """Somebody stands in the other platform too."""
    news(line).put("contacts", id, {"id": id, **columns}, line.now)


def leads(line: Line) -> list[Lead]:
    """Leads that stand for themselves."""
    with line.app.store.read() as tx:
        found = tx.intake.leads(tx.intake.lead_numbers(0, 1000))
    return [lead for lead in found.values() if not lead.merged_into]


def pairs(line: Line, *states: str) -> list[Pair]:
    with line.app.store.read() as tx:
        found = tx.pairs.of_leads(tx.intake.lead_numbers(0, 1000))
    return [pair for pair in found if not states or pair.state in states]


def waiting(line: Line) -> int:
    with line.app.store.read() as tx:
        return tx.keys.count_waiting()


def links(line: Line, lead: Lead) -> list[tuple[str, str]]:
    with line.app.store.read() as tx:
        return sorted((one.connection, one.external_id) for one in tx.intake.links_of([lead.id])[lead.id])


def test_one_address_in_two_platforms_is_one_lead_with_two_links(two: Line) -> None:
    two.person(1, **TOM)
    subscribe(two, "n1", **TOM)
    two.sync()
    (lead,) = leads(two)
    assert links(two, lead) == [("news", "n1"), ("portal", "1")]


def test_work_and_personal_address_are_one_lead_where_all_else_agrees(two: Line) -> None:
    two.person(1, **TOM, mobile="+491711234567")
    subscribe(two, "n1", **{**TOM, "email": "tomweber77@gmail.com", "company.name": "Firm"}, mobile="+491711234567")
    two.did(1, "demo_request")
    result = two.sync()
    (lead,) = leads(two)
    assert links(two, lead) == [("news", "n1"), ("portal", "1")]
    assert result.counts["same person"] == 1
    assert result.counts["handed over"] == 1
    assert two.crm_counts()["lead"] == 1
    assert waiting(two) == 0


def test_nobody_is_handed_over_twice_though_both_asked(two: Line) -> None:
    two.person(1, **TOM, mobile="+491711234567")
    two.person(2, **{**TOM, "email": "tomweber77@gmail.com"}, mobile="+491711234567")
    two.did(1, "demo_request")
    two.did(2, "demo_request")
    result = two.sync()
    assert (len(leads(two)), result.counts["handed over"], two.crm_counts()["lead"]) == (1, 1, 1)


def test_a_changed_address_is_the_same_lead_though_the_other_platform_says_the_old_one(two: Line) -> None:
    two.person(1, **TOM)
    two.sync()
    two.person(1, **{**TOM, "email": "tom.weber@new.example"})
    two.sync(MINUTE)
    assert two.lead(1).former == ["tom@firm.example"]
    subscribe(two, "n1", **TOM)
    two.sync(MINUTE)
    (lead,) = leads(two)
    assert links(two, lead) == [("news", "n1"), ("portal", "1")]
    assert lead.fields["email"] == "tom.weber@new.example"


def test_a_former_address_that_somebody_else_was_given_is_theirs(two: Line) -> None:
    two.person(1, **TOM)
    two.sync()
    two.person(1, **{**TOM, "email": "tom.weber@new.example"})
    two.sync(MINUTE)
    subscribe(two, "n1", **{**TOM, "name.given": "Ines", "name.family": "Koch", "phone": ""})
    two.sync(MINUTE)
    assert len(leads(two)) == 2
    assert pairs(two) == []


def test_a_shared_inbox_makes_no_two_one(line: Line) -> None:
    shared = {"email": "we@family.example", "phone": "+49301234567", "name.family": "Koch"}
    for number, given in enumerate(("Ines", "Paul", "Ida"), 1):
        line.person(number, **shared, **{"name.given": given})
    line.sync()
    assert [lead.fields["name.given"] for lead in leads(line)] == ["Ines", "Paul", "Ida"]
    assert pairs(line) == []
    line.person(4, **shared, **{"name.given": "Paul"})
    line.sync(MINUTE)
    assert line.lead(4).id == line.lead(2).id


def test_an_initial_that_may_be_either_of_two_is_neither_for_sure(line: Line) -> None:
    for number, given in enumerate(("Paul", "Petra", "P."), 1):
        line.person(
            number, **{**TOM, "email": f"koch{number}@mail.example", "name.family": "Kochanek", "name.given": given}
        )
    line.sync()
    assert len(leads(line)) == 3
    assert {pair.one_other for pair in pairs(line, "open")} >= {(1, 3), (2, 3)}


def test_twins_at_one_company_are_two(line: Line) -> None:
    line.person(1, **{**TOM, "email": "tom@firm.example", "name.given": "Tom"})
    line.person(2, **{**TOM, "email": "tim@firm.example", "name.given": "Tim"})
    line.sync()
    assert len(leads(line)) == 2
    assert [pair.band for pair in pairs(line)] in ([], ["perhaps"])


def test_who_may_be_one_is_asked_about_and_not_joined(line: Line) -> None:
    line.person(1, **TOM)
    line.person(2, **{**TOM, "email": "tweber@other.example", "company.name": "Other AG"})
    result = line.sync()
    (pair,) = pairs(line, "open")
    assert pair.one_other == (line.lead(1).id, line.lead(2).id)
    assert (pair.band, result.counts["perhaps the same"]) == ("perhaps", 1)
    assert sum(points for _field, _level, points in pair.findings) == pair.points
    assert len(leads(line)) == 2


def test_a_question_ends_where_two_are_alike_no_longer(line: Line) -> None:
    line.person(1, **TOM)
    line.person(2, **{**TOM, "email": "tweber@other.example", "company.name": "Other AG"})
    line.sync()
    line.person(2, **{**TOM, "email": "ikoch@other.example", "company.name": "Other AG", "name.given": "Ines",
                      "name.family": "Koch", "phone": "+493099887766"})  # fmt: skip
    line.sync(MINUTE)
    assert [pair.state for pair in pairs(line)] == ["ended"]


def test_who_was_said_to_be_two_stays_two(line: Line) -> None:
    line.person(1, **TOM)
    line.person(2, **{**TOM, "email": "tweber@other.example", "company.name": "Other AG"})
    line.sync()
    (pair,) = pairs(line, "open")
    pair.state, pair.decided_by, pair.decided_at = "different", "ines@northwind.example", line.now
    with line.app.store.write() as tx:
        tx.pairs.save([pair])
    line.person(2, **{**TOM, "email": "tweber@other.example", "mobile": "+491711234567"})
    line.person(1, **TOM, mobile="+491711234567")
    line.sync(MINUTE)
    assert len(leads(line)) == 2
    assert [one.state for one in pairs(line)] == ["different"]


def test_three_of_one_person_become_one(line: Line) -> None:
    for number, address in enumerate(("tom@firm.example", "tomweber77@gmail.com", "tom.weber@mail.example"), 1):
        line.person(number, **{**TOM, "email": address}, mobile="+491711234567")
    result = line.sync()
    (lead,) = leads(line)
    assert len(links(line, lead)) == 3
    assert result.counts["same person"] == 2
    assert waiting(line) == 0


def test_who_waits_to_be_compared_is_not_handed_over(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    line.person(2)
    line.did(2, "demo_request")

    def not_now(*_args: object) -> None:
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connector.runs.sync.identify", not_now)
        assert line.sync(MINUTE).counts["handed over"] == 0
    assert line.sync(MINUTE).counts["handed over"] == 1


def test_whoever_is_stopped_compares_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is done as a whole or not at all, and who is left waits."""
    monkeypatch.setattr(identifying, "BATCH", 1)
    for number, address in enumerate(("tom@firm.example", "tomweber77@gmail.com"), 1):
        line.person(number, **{**TOM, "email": address}, mobile="+491711234567")
    with monkeypatch.context() as patch:
        patch.setattr("connector.runs.sync.identify", lambda *_: None)
        line.sync()

    def stopped(*args: Any) -> Any:
        make_one(*args)
        raise KeyboardInterrupt

    runtime = line.app.runtime()
    monkeypatch.setattr(identifying, "make_one", stopped)
    with pytest.raises(KeyboardInterrupt):
        identify(runtime, Counter())
    monkeypatch.setattr(identifying, "make_one", make_one)
    assert len(leads(line)) == 2
    assert waiting(line) > 0
    line.sync(MINUTE)
    assert (len(leads(line)), waiting(line)) == (1, 0)


def test_one_that_cannot_be_compared_costs_itself_only(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, address in enumerate(("tom@firm.example", "tomweber77@gmail.com"), 1):
        line.person(number, **{**TOM, "email": address}, mobile="+491711234567")
    line.person(3, **{"name.given": "Fault"})
    from connector.runs import likenesses

    forms = likenesses.forms

    def faulty(lead: Lead) -> Any:
        if lead.fields["name.given"] == "Fault":
            raise ValueError
        return forms(lead)

    monkeypatch.setattr(likenesses, "forms", faulty)
    result = line.sync()
    assert result.counts["could not be compared"] == 1
    assert len(leads(line)) == 2
    (item,) = line.waiting_for_people("notice")
    assert item.lead_id == line.lead(3).id


def test_without_comparing_leads_stay_as_they_came(tmp_path: Path) -> None:
    line = Line(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[connections.crm]", "[identity]\ncompare = false\n\n[connections.crm]"))
    for number, address in enumerate(("tom@firm.example", "tomweber77@gmail.com"), 1):
        line.person(number, **{**TOM, "email": address}, mobile="+491711234567")
        line.did(number, "demo_request")
    assert line.sync().counts["handed over"] == 2
    line.reopen(text)
    line.sync(MINUTE)
    assert len(leads(line)) == 1
    line.app.close()
