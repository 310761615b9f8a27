"""`baton why` on a lead that was handed over, rejected and came back; and a suggestion that is followed comes true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.cli.why import story_of
from connector.insight.text import render
from connector.insight.why import Story
from connector.runs.past import known
from connector.steps.changes import More
from connector.steps.telling.words import Words
from tests.stages.ground import DAY, HOUR, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.did(1, "pricing_view", made.now - 2 * DAY)
    made.asks()
    return made


def story(desk: Desk, *, whole: bool = True) -> Story:
    words = Words("en", desk.app.config.zone, str, desk.now)
    return story_of(desk.app, desk.lead(1).id, words, whole=whole)


def rejected(desk: Desk) -> None:
    desk.says(stage="sal")
    desk.says(stage="rejected", reason="unreachable", words="no answer at all")
    desk.sync(31 * DAY)


def test_it_says_by_how_much_a_lead_passed_to_whom_it_went_and_why(desk: Desk) -> None:
    told = story(desk, whole=False)
    assert told.near == ("enough without anything else they did: Asked for a demo",)
    assert dict(told.head)["why them"].startswith("rule 1: everyone → sales; turn of lena@northwind.example")
    text = "\n".join(render(told, whole=False))
    for line in (
        "known → MQL", "for: asked", "passed: qualified (MQL), hot", "+25 points: Asked for a demo",
        "lead record, task, note made", "first contact due from lena@northwind.example",
    ):  # fmt: skip
        assert line in text, line
    assert "Gates" not in text
    assert "Gates" in "\n".join(render(told))


def test_what_became_of_it_stands_in_the_same_line_with_old_and_new_values(desk: Desk) -> None:
    rejected(desk)
    desk.did(1, "demo_request")
    desk.sync(DAY)
    told = story(desk)
    what = [one.what for one in told.timeline.entries]
    order = ["known → MQL", "accepted by lena@northwind.example", "SAL → rejected", "rejected → known", "warm → MQL"]
    assert [one for one in what if one in order] == order
    (changed,) = [one for one in told.timeline.entries if one.what == "crm: lead record changed"]
    assert any(line.startswith("score.total: ") and " → " in line for line in changed.more)


def test_who_was_rejected_is_told_what_would_bring_them_back_and_it_does(desk: Desk) -> None:
    rejected(desk)
    with desk.app.store.read() as tx:
        found = known(tx, desk.app.config, desk.lead(1).id, desk.now).nearest
    assert found is not None
    assert (desk.lead(1).stage, len(desk.given())) == ("warm", 1)
    second = found.suggestions[1]
    (change,) = second.changes
    assert isinstance(change, More)
    assert second.before is not None
    at = second.before - HOUR
    for number in range(change.count):
        desk.did(1, change.kind, at.replace(minute=number), topic=change.topic)
    desk.now = at.replace(minute=59)
    desk.sync()
    assert (desk.lead(1).stage, len(desk.given())) == ("mql", 2)


def test_one_less_does_not(desk: Desk) -> None:
    rejected(desk)
    with desk.app.store.read() as tx:
        found = known(tx, desk.app.config, desk.lead(1).id, desk.now).nearest
    assert found is not None
    (change,) = found.suggestions[1].changes
    assert isinstance(change, More)
    for number in range(change.count - 1):
        desk.did(1, change.kind, desk.now.replace(minute=number), topic=change.topic)
    desk.now = desk.now.replace(minute=59)
    desk.sync()
    assert desk.lead(1).stage == "warm"


def ask(desk: Desk, *words: str) -> Any:
    answer = CliRunner().invoke(baton, ["--config", str(desk.folder / "config.toml"), "why", "1", *words])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_decisions_are_replayed_on_the_console(desk: Desk) -> None:
    rejected(desk)
    text = ask(desk, "--replay")
    assert "→ MQL · the MQL gate is passed" in text
    document = json.loads(ask(desk, "--replay", "--output", "json"))
    assert [(one["decision"]["to"], one["verdict"]) for one in document["decisions"]] == [
        ("mql", "same"), ("warm", "same"),
    ]  # fmt: skip


def test_json_is_always_whole_and_text_where_all_is_asked_for(desk: Desk) -> None:
    rejected(desk)
    document = json.loads(ask(desk, "--output", "json"))
    assert document["why_owner"].startswith("rule 1: everyone → sales")
    assert document["nearest"]["suggestions"][0]["changes"][0]["change"] == "more"
    kinds = {one["kind"] for one in document["timeline"]["entries"]}
    assert {"first_seen", "activity", "stage", "handoff", "follow_up", "write"} <= kinds
    assert "Written outside" in ask(desk, "--all")
    assert "Written outside" not in ask(desk)


def test_what_is_asked_of_the_store_does_not_grow_with_what_a_lead_did(desk: Desk, monkeypatch: Any) -> None:
    def queries() -> int:
        asked: list[str] = []
        with desk.app.store.read() as tx:
            session: Any = type(tx._session)  # type: ignore[attr-defined]
            rows = session.rows

            def counted(self: Any, text: str, *values: Any) -> Any:
                asked.append(text)
                return rows(self, text, *values)

            monkeypatch.setattr(session, "rows", counted)
            known(tx, desk.app.config, desk.lead(1).id, desk.now)
            monkeypatch.undo()
        return len(asked)

    few = queries()
    for number in range(60):
        desk.did(1, "page_view", desk.now - number * HOUR)
    desk.sync(HOUR)
    assert queries() == few
    assert 10 < few < 40
