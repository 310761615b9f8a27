"""What a person says on the desk counts, whatever Baton wrote there before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.runs import desk_acts
from tests.line import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    made.person(1)
    made.did(1, "demo_request")
    made.sync()
    yield made
    made.app.close()


def on_desk(line: Line) -> dict[str, object]:
    with line.app.store.read() as tx:
        ((_, _, values),) = tx.desk.listing("lead")
    return values


def test_an_older_value_of_ours_is_a_persons_word_when_they_say_it(line: Line) -> None:
    line.person(1, job_title="Head of IT")
    line.sync(timedelta(hours=1))
    assert on_desk(line)["job_title"] == "Head of IT"
    (handoff,) = line.handoffs("open")
    line.now += timedelta(hours=1)
    said = {"job_title": "Director IT"}
    assert desk_acts.correct(line.app.runtime(), line.app.rows, handoff.id, handoff.owner, said).done
    assert line.lead(1).fields["job_title"] == "Director IT"
    line.person(1, job_title="Chief of IT")
    line.sync(timedelta(hours=1))
    assert (line.lead(1).fields["job_title"], on_desk(line)["job_title"]) == ("Director IT", "Director IT")


def test_what_nobody_has_read_at_once_is_read_with_the_next_run(line: Line) -> None:
    line.sync(timedelta(minutes=1))
    (handoff,) = line.handoffs("open")
    line.now += timedelta(minutes=1)
    with line.app.store.write() as tx:
        key = f"{tx.admin.store_id()}-{handoff.lead_id}"
        tx.desk.put("lead", key, "", {"stage": "sal"}, line.now)
    assert line.sync(timedelta(minutes=1)).counts["sal"] == 1
    assert line.lead(1).stage == "sal"
    assert line.sync(timedelta(minutes=1)).counts["lead read back"] == 0


def test_what_was_not_asked_for_is_left_alone(line: Line) -> None:
    (handoff,) = line.handoffs("open")
    said = {"score.total": 1, "owner": "me@example.com", "no such field": "x"}
    assert not desk_acts.correct(line.app.runtime(), line.app.rows, handoff.id, handoff.owner, said).done
    assert on_desk(line)["owner"] == handoff.owner


def test_who_spoke_is_kept_with_the_record(line: Line) -> None:
    (handoff,) = line.handoffs("open")
    desk_acts.accept(line.app.runtime(), line.app.rows, handoff.id, "karl@northwind.example")
    assert on_desk(line)["answered_by"] == "karl@northwind.example"
    assert on_desk(line)["answered_at"] == line.now.isoformat()


def test_there_is_nothing_about_a_handoff_that_is_none(line: Line) -> None:
    assert desk_acts.accept(line.app.runtime(), line.app.rows, 4711, "x").what == "gone"
    for rating in (0, 6):
        with pytest.raises(ValueError, match=str(rating)):
            desk_acts.rate(line.app.runtime(), line.app.rows, 1, "x", rating)
    with pytest.raises(ValueError, match="fax"):
        desk_acts.touch(line.app.runtime(), line.app.rows, 1, "x", "fax", "once")


def test_who_was_forgotten_is_gone_from_the_desk(line: Line) -> None:
    (handoff,) = line.handoffs("open")
    desk_acts.touch(line.app.runtime(), line.app.rows, handoff.id, handoff.owner, "call", "a1", "knows Ana's number")
    with line.app.store.write() as tx:
        tx.personal.erase(tx.personal.person(handoff.lead_id), line.now)
    with line.app.store.read() as tx:
        assert [tx.desk.listing(object) for object in ("lead", "task", "note")] == [[], [], []]
        assert tx.mirror.counts("crm") == {}
    assert desk_acts.accept(line.app.runtime(), line.app.rows, handoff.id, handoff.owner).what in ("over", "gone")
