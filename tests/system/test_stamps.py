"""Our key on records that were there before us: planned, kept, looked at, applied."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.model.errors import ConfigError
from connector.runs.apply import Applied, apply_stamps
from connector.runs.deliver import deliver
from connector.runs.read_in import read_back
from connector.runs.stamps import document, propose
from tests.line import Line

SETTINGS = """\
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
look_up_batch = 2
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
"""


def line_with_people(folder: Path) -> Line:
    """Three people of the portal who are in the CRM, and one who is not; none is over the line."""
    line = Line(folder, crm_settings=SETTINGS)
    for number in (1, 2, 3, 4):
        line.person(number)
    line.crm.make("lead", {"email": "ana1@firm.example"}, line.now, crm_id="00Q1")
    line.crm.make("contact", {"email": "Ana2@Firm.example"}, line.now, crm_id="003")
    line.crm.make("lead", {"email": "ana3@firm.example"}, line.now, crm_id="00Q3")
    line.sync()
    return line


def plan(line: Line) -> dict[str, Any]:
    runtime, store_id = line.app.runtime(), line.app.rows().store_id
    found: dict[str, Any] = json.loads(json.dumps(document(runtime, store_id, propose(runtime, store_id))))
    return found


def apply(line: Line, said: Any) -> Applied:
    return apply_stamps(line.app.runtime(), said, line.app.rows)


def deliver_and_read(line: Line) -> None:
    deliver(line.app.runtime(), "crm", Counter())
    read_back(line.app.runtime(), "crm", Counter())


def test_matched_records_without_our_key_are_proposed_and_stamped_by_their_id(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    assert [(one["object"], one["id"], one["field"]) for one in said["stamps"]] == [
        ("lead", "00Q1", "Baton_Id"), ("contact", "003", "Baton_Id"), ("lead", "00Q3", "Baton_Id"),
    ]  # fmt: skip
    assert said["stamps"][1]["why"] == "the same email as contact 003"
    done = apply(line, said)
    assert (done.stamped, done.already, done.left) == (3, 0, [])
    deliver_and_read(line)
    keys = {thing.crm_id: thing.values["Baton_Id"] for kind in ("lead", "contact") for thing in line.crm.things(kind)}
    assert keys == {one["id"]: one["new"] for one in said["stamps"]}
    assert plan(line)["stamps"] == []


def test_applying_again_does_nothing_twice(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    apply(line, said)
    again = apply(line, said)
    assert (again.stamped, again.already) == (0, 3)
    deliver_and_read(line)
    assert apply(line, said).already == 3
    assert len([effect for effect in line.crm.effects() if "Baton_Id" in effect.values]) == 3


CHANGES: dict[str, tuple[Callable[[Line], object], str]] = {
    "other address": (
        lambda line: line.crm.edit("00Q1", {"email": "someone@else.example"}, line.now),
        "it has changed since the plan was made",
    ),
    "converted": (
        lambda line: line.crm.convert("00Q1", line.now), "it has changed since the plan was made",
    ),
    "another key": (lambda line: line.crm.stamp("00Q1", "other-1"), "it carries another key"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_since_is_left_alone_and_named(tmp_path: Path, change: str) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    act, why = CHANGES[change]
    act(line)
    done = apply(line, said)
    assert [(one.id, one.why) for one in done.left] == [("00Q1", why)]
    assert done.stamped == 2


def test_what_was_deleted_is_left_alone(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    line.crm.remove("00Q1")
    assert [one.why for one in apply(line, said).left] == ["it is not there any more"]


def test_a_change_of_status_or_owner_is_no_reason_to_refuse(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    line.crm.edit("00Q1", {"stage": "sal", "owner": "someone"}, line.now)
    assert apply(line, said).left == []


def test_a_plan_that_was_edited_is_not_done(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    said = plan(line)
    said["stamps"][0]["new"] = said["stamps"][1]["new"]
    with pytest.raises(ConfigError, match="changed after it was made"):
        apply(line, said)
    with pytest.raises(ConfigError, match="another store"):
        apply(line, {**said, "store": "zzzzzz"})
    with pytest.raises(ConfigError, match="not a plan"):
        apply(line, ["stamps"])
    assert line.outbox("waiting") == []


def test_of_two_leads_that_are_one_record_the_older_has_it(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS)
    line.crm.make("lead", {"email": "ana1@firm.example", "phone": "0301234567", "name.family": "Weber"}, line.now)
    line.person(1, phone="0301234567")
    # Without a given name it is not sure that they are one lead.
    line.person(2, phone="0301234567", **{"name.given": ""})
    line.sync()
    store_id = line.app.rows().store_id
    found = propose(line.app.runtime(), store_id)
    assert [one.new for one in found.stamps] == [f"{store_id}-{line.lead(1).id}"]
    assert [one.why for one in found.left] == ["it carries another key"]


def test_a_stamped_lead_is_handed_over_as_ours(tmp_path: Path) -> None:
    line = line_with_people(tmp_path)
    apply(line, plan(line))
    line.sync()
    line.did(1, "demo_request")
    line.did(2, "demo_request")
    line.sync()
    assert line.crm_counts() == {"lead": 2, "contact": 1, "task": 2, "note": 2}
    assert sorted(task.parent_id for task in line.crm.things("task")) == ["003", "00Q1"]


def test_who_is_known_by_the_stamp_alone_is_heard_and_told_about_consent(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS)
    for number, phone in ((1, "+49 30 1234561"), (2, "+49 30 1234562")):
        out = {"consent.email": False}
        line.person(number, phone=phone, **{"name.family": "Weber"}, **(out if number == 1 else {}))
        record = {"phone": phone, "name.family": "Weber", **(out if number == 2 else {})}
        line.crm.make("contact", record, line.now, crm_id=f"C{number}")
    line.sync()
    assert apply(line, plan(line)).stamped == 2
    deliver_and_read(line)
    assert [one.values["consent.email"] for one in line.crm.things("contact")] == [False, False]
    assert line.lead(2).fields["consent.email"] is False
