"""Edges of the line: what is edited, gone, faulty or at the same moment costs that alone, and nothing is stranded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.errors import ConfigError
from connector.model.lead import Lead
from connector.runs.hand_over import hand_over
from connector.runs.release import release_flow, release_lead
from connector.steps.qualification import judge
from tests.line import ANA, START, Line

SECOND = """
[flows.{name}]
sources = ["portal"]
crm = "crm"
{flow}
[flows.{name}.routing]
order = [{{ to = "sales" }}]
"""
NOBODY = 'takes = { field = "country", is = "JP" }'
ONE_EACH = {"lead": 1, "task": 1, "note": 1}


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def text_of(line: Line) -> str:
    return (line.folder / "config.toml").read_text("utf-8")


def demo(line: Line, *numbers: int) -> None:
    for number in numbers:
        line.person(number)
        line.did(number, "demo_request")


def move_to_another_crm(line: Line) -> None:
    text = text_of(line).replace('crm = "crm"', 'crm = "other"')
    line.reopen(text.replace("[teams", '[connections.other]\ntype = "memory"\n[teams'))


# templates


@pytest.mark.parametrize("template", ["{{ 1 / 0 }}", "{{ name.given.no.such }}", "{{ name.given | int + [] }}"])
def test_a_template_that_fails_on_a_lead_costs_that_field_only(line: Line, template: str) -> None:
    (line.folder / "crm.toml").write_text(f"[write.lead]\nNote = {{ template = '{template}' }}\n", "utf-8")
    line.reopen(text_of(line).replace('type = "memory"\n\n', 'type = "memory"\nmapping = "crm.toml"\n'))
    demo(line, 1, 2)
    line.sync()
    assert line.crm_counts() == {"lead": 2, "task": 2, "note": 2}
    assert [item.field for item in line.waiting_for_people("notice")] == ["Note"]


# flows that come, go and change


def test_a_lead_in_hand_whose_flow_is_gone_stays_and_stops_nobody(line: Line) -> None:
    demo(line, 1)
    line.sync()
    line.reopen(text_of(line).replace("flows.b2b", "flows.new"))
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    demo(line, 2)
    assert line.sync().failures == []
    assert line.crm_counts() == {"lead": 2, "task": 2, "note": 2}
    assert line.lead(1).stage == "mql"


@pytest.mark.parametrize(("mode", "out"), [("observe", 0), ("review", 0), ("live", 1)])
def test_what_had_not_gone_out_of_a_flow_that_is_gone_is_judged_by_those_there_are(
    tmp_path: Path, mode: str, out: int
) -> None:
    line = Line(tmp_path, mode=mode, flow="handoffs_per_day = 1")
    demo(line, 1, 2)
    line.sync()
    assert line.crm_counts().get("lead", 0) == out
    text = text_of(line).replace("flows.b2b", "flows.new").replace(mode, "live")
    line.reopen(text.replace("handoffs_per_day = 1", ""))
    line.sync(timedelta(hours=1))
    assert line.crm_counts() == {"lead": 2, "task": 2, "note": 2}
    with line.app.store.read() as tx:
        moves = [(move.origin, move.to, move.flow) for move in tx.scores.transitions(line.lead(2).id)]
    assert moves[-2:] == [("mql", "known", "b2b"), ("known", "mql", "new")]
    line.app.close()


def test_a_lead_of_a_flow_that_is_gone_cannot_be_released_into_it(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review")
    demo(line, 1)
    line.sync()
    line.reopen(text_of(line).replace("flows.b2b", "flows.new"))
    assert release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra") is None
    line.app.close()


def test_a_flow_that_takes_more_takes_those_who_were_in_none(tmp_path: Path) -> None:
    line = Line(tmp_path, flow='takes = { field = "country", is = "JP" }')
    demo(line, 1)
    line.sync()
    assert line.lead(1).flow == ""
    line.reopen(text_of(line).replace('"JP"', '"DE"'))
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_a_changed_order_of_flows_judges_everyone_again(tmp_path: Path) -> None:
    german = 'takes = { field = "country", is = "DE" }'
    line = Line(tmp_path, flow=german)
    text = text_of(line) + SECOND.format(name="b2c", flow=german)
    line.reopen(text)
    line.person(1)
    line.sync()
    assert line.lead(1).flow == "b2b"
    line.reopen(text.replace("flows.b2b", "flows.x").replace("flows.b2c", "flows.b2b").replace("flows.x", "flows.b2c"))
    line.sync(timedelta(minutes=5))
    assert line.lead(1).flow == "b2c"
    line.app.close()


def test_another_source_of_a_flow_brings_its_leads_in(tmp_path: Path) -> None:
    line = Line(tmp_path, flow='takes = { field = "country", is = "JP" }')
    text = text_of(line) + SECOND.format(name="rest", flow="")
    line.reopen(text.replace('[flows.rest]\nsources = ["portal"]', '[flows.rest]\nsources = ["crm"]'))
    demo(line, 1)
    line.sync()
    assert line.lead(1).flow == ""
    line.reopen(text)
    line.sync(timedelta(minutes=5))
    assert line.lead(1).flow == "rest"
    line.app.close()


def test_a_source_that_is_renamed_keeps_its_people_and_their_flow(line: Line) -> None:
    demo(line, 1)
    line.sync()
    renamed = text_of(line).replace("connections.portal", "connections.hub").replace('"portal"', '"hub"')
    line.reopen(renamed)
    hub = line.app.source("hub").world  # type: ignore[attr-defined]
    hub.put("contacts", "1", {**ANA, "email": "ana1@firm.example"}, line.now)
    line.sync(timedelta(minutes=5))
    with line.app.store.read() as tx:
        assert tx.reports.totals()["leads"] == 1
        (lead,) = tx.intake.leads(tx.reports.find_leads("ana1@firm.example")).values()
    assert (lead.flow, lead.stage) == ("b2b", "mql")
    line.now += timedelta(hours=1)
    hub.put("contacts", "1", {**ANA, "email": "ana1@firm.example", "city": "Bonn"}, line.now)
    line.sync()
    assert [effect.values for effect in line.crm.effects("updated")] == [{"city": "Bonn"}]


def test_who_a_second_source_knows_too_is_in_the_flow_of_that_one(tmp_path: Path) -> None:
    line = Line(tmp_path, flow='takes = { field = "country", is = "DE" }')
    text = text_of(line).replace("[connections.crm]", '[connections.hub]\ntype = "memory"\n[connections.crm]')
    line.reopen(text.replace('sources = ["portal"]', 'sources = ["hub"]') + SECOND.format(name="none", flow=NOBODY))
    line.person(1)
    line.sync()
    assert line.lead(1).flow == ""
    hub = line.app.source("hub").world  # type: ignore[attr-defined]
    hub.put("contacts", "77", {**ANA, "email": "ana1@firm.example"}, line.now)
    line.sync(timedelta(minutes=5))
    assert line.lead(1).flow == "b2b"
    line.app.close()


def test_a_changed_mapping_tells_anew_what_was_read_before(line: Line) -> None:
    line.person(1, job_title="Clerk")
    line.did(1, "visit")
    line.sync()
    assert line.lead(1).stage == "known"
    (line.folder / "portal.toml").write_text('[[activities]]\nevent = "visit"\nkind = "demo_request"\n', "utf-8")
    line.reopen(text_of(line).replace('type = "memory"\npage', 'type = "memory"\nmapping = "portal.toml"\npage'))
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH


# modes


def test_an_observing_flow_writes_nothing_even_for_a_lead_that_is_released(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="observe")
    demo(line, 1)
    line.sync()
    with pytest.raises(ConfigError, match="observe"):
        release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra")
    line.sync()
    assert line.crm_counts() == {}
    line.app.close()


def test_a_flow_that_observes_again_leaves_the_crm_alone_and_makes_up_for_it_later(line: Line) -> None:
    demo(line, 1)
    line.sync()
    line.reopen(text_of(line).replace("live", "observe"))
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    line.sync()
    assert line.crm.effects("updated") == []
    line.reopen(text_of(line).replace("observe", "live"))
    line.sync(timedelta(hours=1))
    assert [effect.values["city"] for effect in line.crm.effects("updated")] == ["Bonn"]


def test_what_was_held_for_review_goes_out_once_the_flow_is_live(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review")
    demo(line, 1)
    line.sync()
    line.reopen(text_of(line).replace("review", "live"))
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_who_comes_over_the_line_again_after_the_start_is_handed_over(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="start = 2026-11-20")
    line.person(1, job_title="Clerk")
    line.did(1, "demo_request", START - timedelta(days=5))
    line.sync()
    assert len(line.handoffs("before_start")) == 1
    line.sync(timedelta(days=200))
    assert line.lead(1).stage != "mql"
    line.did(1, "demo_request")
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_without_a_start_who_was_kept_back_by_it_goes_out(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="start = 2026-11-20")
    line.person(1)
    line.did(1, "demo_request", START - timedelta(days=5))
    line.sync()
    line.reopen(text_of(line).replace("start = 2026-11-20", ""))
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_a_source_that_stays_empty_parks_its_flow_once(line: Line) -> None:
    demo(line, 1)
    line.sync()
    line.portal.empty("contacts")
    line.sync(timedelta(hours=1))
    assert release_flow(line.app.runtime(), "b2b")
    line.sync(timedelta(hours=1))
    assert line.waiting_for_people("parked_flow") == []


# at the same moment


def test_what_a_lead_did_meanwhile_is_scored_after_its_handoff(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review")
    line.person(1, job_title="Clerk")
    line.did(1, "demo_request")
    line.sync()
    lead = line.lead(1)
    assert lead.score is not None
    line.now += timedelta(minutes=5)
    with line.app.store.write() as tx:
        tx.scores.mark_due([lead.id], line.now)
    release_lead(line.app.runtime(), line.app.rows, lead.id, "petra")
    with line.app.store.read() as tx:
        assert tx.scores.count_due(line.now) == 1, "the activity came, and the release forgot it"
    line.app.close()


def test_a_value_that_changed_during_a_second_look_is_not_lost(line: Line) -> None:
    demo(line, 1)
    line.sync()
    line.now += timedelta(minutes=5)
    line.person(1, city="Bonn")
    line.crm.fault("write", "late", delay=100)
    line.sync()
    line.sync(timedelta(minutes=1))
    line.now += timedelta(seconds=10)
    line.person(1, city="Köln")
    line.sync()
    line.now += timedelta(minutes=1)
    line.person(1, city="Ulm")
    for _ in range(4):
        line.sync()
        line.now += timedelta(minutes=5)
    (lead,) = line.crm.things("lead")
    assert lead.values["city"] == "Ulm"


@pytest.mark.parametrize("kind", ["timeout", "late"])
def test_a_lost_answer_does_not_undo_what_a_person_changed_elsewhere(line: Line, kind: str) -> None:
    demo(line, 1)
    line.sync()
    (lead,) = line.crm.things("lead")
    line.crm.edit(lead.crm_id, {"job_title": "by hand"}, line.now)
    line.now += timedelta(minutes=5)
    line.person(1, city="Bonn")
    line.crm.fault("write", kind, delay=400)  # type: ignore[arg-type]
    for _ in range(5):
        line.sync()
        line.now += timedelta(minutes=5)
    (lead,) = line.crm.things("lead")
    assert (lead.values["city"], lead.values["job_title"]) == ("Bonn", "by hand")


# where to


def test_rows_to_a_crm_that_no_flow_names_any_more_are_still_delivered(line: Line) -> None:
    demo(line, 1)
    line.crm.fault("write", "throttled", retry_after=60)
    line.sync()
    move_to_another_crm(line)
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH


def test_a_lead_in_hand_elsewhere_is_not_made_anew_by_halves_in_another_crm(line: Line) -> None:
    demo(line, 1)
    line.sync()
    move_to_another_crm(line)
    line.now += timedelta(minutes=5)
    line.person(1, city="Bonn")
    line.sync()
    other = line.app.crm("other").world  # type: ignore[attr-defined]
    assert other.things() == []


def test_more_leads_than_one_look_takes_are_routed_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.runs.hand_over.BATCH", 2)
    text = text_of(line)
    line.reopen(text.replace('{ to = "sales" }', '{ when = { field = "country", is = "JP" }, to = "sales" }'))
    demo(line, *range(5))
    line.sync()
    assert len(line.handoffs("nobody")) == 5
    line.reopen(text)
    line.sync()
    assert line.crm_counts()["lead"] == 5


def test_the_day_ends_at_midnight_in_the_zone_of_the_flow(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="handoffs_per_day = 1")
    demo(line, 1, 2)
    line.now = START.replace(hour=22, minute=59)
    line.sync()
    hand_over(line.app.runtime(), line.app.rows(), Counter())
    assert line.crm_counts()["lead"] == 1
    line.sync(timedelta(minutes=2))
    assert line.crm_counts()["lead"] == 2
    line.app.close()


def test_a_lead_that_cannot_be_scored_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(tmp_path)
    for number in (1, 2, 3):
        line.person(number)
        line.did(number, "demo_request")

    def judged(lead: Lead, *rest: Any) -> Any:
        if lead.fields["email"] == "ana2@firm.example":
            raise ZeroDivisionError
        return judge(lead, *rest)

    monkeypatch.setattr("connector.runs.assess.judge", judged)
    result = line.sync()
    assert result.counts["could not be scored"] == 1
    assert line.crm_counts()["lead"] == 2
    (notice,) = line.waiting_for_people("notice")
    assert "ZeroDivisionError" in notice.reason
    assert line.sync(timedelta(hours=1)).counts["could not be scored"] == 0, "it waits until something changes"
    monkeypatch.undo()
    line.did(2, "pricing_view")
    line.sync(timedelta(hours=1))
    assert line.crm_counts()["lead"] == 3
    line.app.close()
