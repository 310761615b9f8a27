"""ClickUp at both ends: a form in, a pipeline out, each step read from the server's own ledger."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.runs.bring_back import bring_back
from connector.runs.planning import making
from connector.runs.pull import pull
from connector.runs.reassign import reassign_all
from connector.runs.sync import sync
from connector.runs.undo import undo
from connector.sandbox.clickup import KEY
from connector.sandbox.clickup.showing import task_shown
from connector.sandbox.clickup.webhooks import Webhook
from connector.steps.telling.words import Words
from tests.clickup import SECRETS, Both, both

Line = Callable[..., Both]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(both(tmp_path, **more))


def deeds(one: Both) -> list[tuple[str, str]]:
    """What was done to the lead's tasks, in order: (deed, id)."""
    return [(deed.did, deed.id) for deed in one.space.ledger.deeds() if deed.id in {t.id for t in one.tasks()}]


def stages(one: Both, request: str) -> list[str]:
    with one.app.store.read() as tx:
        return [move.to for move in tx.scores.transitions(one.lead(request).id)]


def test_from_the_form_to_won(line: Line) -> None:
    one = line()
    one.sync()
    request = one.submits()
    one.sync()
    (task,) = one.tasks()
    (made,) = one.space.ledger.deeds("create", "task")[1:]
    assert made.id == task.id
    assert made.fields == (
        "assignees", "custom_fields", "description", "due_date", "due_date_time", "name", "notify_all", "priority",
    )  # fmt: skip
    assert deeds(one) == [("create", task.id)]
    assert (task.name, task.status, task.priority) == ("Ana Weber", "新規", 1)
    assert task.assignees == [81002]
    assert "Fewer lost leads" in task.description
    assert datetime.fromtimestamp(task.due_date / 1000, UTC) == one.handoff(request).due_at  # type: ignore[operator]
    assert (one.value(task, "Email"), one.value(task, "Score"), one.value(task, "Grade")) == (
        "ana@firm.example", one.lead(request).score.total, one.lead(request).score.grade,  # type: ignore[union-attr]
    )  # fmt: skip
    for status, stage in (("対応中", "sal"), ("商談化", "opportunity"), ("受注", "won")):
        one.says(task, status=status)
        assert one.lead(request).stage == stage
    handoff = one.handoff(request)
    assert (handoff.state, handoff.accepted_at is not None) == ("closed", True)
    assert stages(one, request) == ["mql", "sal", "opportunity", "won"]
    # All that Baton did was the create; the rest is Lena's.
    assert deeds(one) == [("create", task.id), *[("update", task.id)] * 3]
    assert one.notices() == []


def test_what_is_given_on_is_assigned_to_its_new_owner(line: Line) -> None:
    one = line()
    one.sync()
    request = one.submits()
    one.sync()
    (task,) = one.tasks()
    was, assigned = one.handoff(request), list(task.assignees)
    other = next(member.email for member in one.app.config.teams["sales"].members if member.email != was.owner)
    [moved] = reassign_all(one.app.runtime(), one.app.rows, was.owner, other, "petra")
    one.sync()
    one.sync()
    (after,) = one.tasks()
    assert (moved.to, len(after.assignees), after.assignees != assigned) == (other, 1, True)
    assert one.handoff(request).owner == other
    assert datetime.fromtimestamp(after.due_date / 1000, UTC) == one.handoff(request).due_at  # type: ignore[operator]
    assert one.notices() == []


def test_a_rejection_says_why_and_how_good_it_was(line: Line) -> None:
    one = line()
    request = one.submits()
    one.sync()
    task = one.task(request)
    one.says(task, status="却下", fields={"Rejection reason": "Not a fit", "Lead quality": 2})
    handoff = one.handoff(request)
    assert (one.lead(request).stage, handoff.state, handoff.reason, handoff.rating) == (
        "rejected", "closed", "wrong_fit", 2,
    )  # fmt: skip


def test_a_status_counts_whatever_its_width_and_case(line: Line) -> None:
    one = line()
    request = one.submits()
    one.sync()
    one.acts("set_options", field="status", options=["新規", "IN PROGRESS", "Ｗｏｎ"])
    one.says(one.task(request), status="in progress")
    assert one.lead(request).stage == "sal"
    one.says(one.task(request), status="Ｗｏｎ")
    assert one.lead(request).stage == "won"


def test_another_run_writes_nothing_and_what_moved_takes_a_call_a_field(line: Line) -> None:
    one = line()
    request = one.submits()
    one.sync()
    one.sync()
    before = len(one.calls())
    one.sync()
    written = [call for call in one.calls(before) if not call.startswith("GET")]
    assert written == []
    # Her answers change: marketing says so, and two fields move.
    one.acts("change", id=request, fields={"Job title": "CTO", "Phone": "+4930901821"})
    before = len(one.calls())
    one.sync()
    written = [call for call in one.calls(before) if not call.startswith("GET")]
    assert set(written) == {"POST /v2/task/{task_id}/field/{field_id}"}
    task = one.task(request)
    assert (one.value(task, "Job title"), one.value(task, "Phone")) == ("CTO", "+4930901821")
    assert {name for deed in one.space.ledger.deeds("update") if deed.id == task.id for name in deed.fields} >= {
        "Job title", "Phone",
    }  # fmt: skip


def test_a_comment_that_says_call_is_a_contact_and_noted_time_is_one_too(line: Line) -> None:
    one = line()
    first, second = one.submits(), one.submits(Email="bo@other.example", Company="Other")
    one.sync()
    for text, counts in (("Looked her up", False), ("電話: 来週また", True)):
        one.clock.move(60)
        at = one.clock.now()
        one.acts("comment", id=one.task(first).id, by="lena@northwind.example", text=text)
        one.sync()
        assert one.handoff(first).contacted_at == (at if counts else None)
    one.acts("spend", id=one.task(second).id, by="tom@northwind.example", minutes=5)
    one.sync()
    assert one.handoff(second).contacted_at is not None


def test_a_status_that_is_named_says_contacted_since_when(line: Line) -> None:
    one = line(settings='contacted_in = ["対応中"]\n')
    request = one.submits()
    one.sync()
    one.clock.move(60)
    at = one.clock.now()
    one.acts("change", id=one.task(request).id, status="対応中")
    one.sync()
    assert (one.handoff(request).accepted_at, one.handoff(request).contacted_at) == (at, at)


def test_what_a_rep_changes_stays(line: Line) -> None:
    one = line()
    request = one.submits()
    one.sync()
    due = int((one.clock.now() + timedelta(days=3)).timestamp() * 1000)
    one.says(one.task(request), due_date=due, priority=3, assignee="petra@northwind.example", fields={"Phone": ""})
    one.sync()
    task = one.task(request)
    assert (task.due_date, task.priority, task.assignees) == (due, 3, [81004])
    assert one.lead(request).owner == "petra@northwind.example"


def test_somebody_whose_task_a_rep_had_made_by_hand_is_told_on_that_task(line: Line) -> None:
    one = line()
    mine = one.acts("create", name="Ana?", fields={"Email": "ana@firm.example"}, by="tom@northwind.example",
                    assignee="tom@northwind.example", status="失注")  # fmt: skip
    one.sync()
    request = one.submits()
    one.sync()
    (task,) = one.tasks()
    assert (task.id, task.name, task.assignees) == (mine["id"], "Ana?", [81003])
    # Opened again, due anew, with the brief below it.
    assert (task.status, task.priority) == ("新規", 1)
    assert task.due_date is not None
    (comment,) = task.comments
    assert "Fewer lost leads" in comment.text
    assert comment.text.endswith(":handover:1")
    assert one.value(task, KEY) == ""
    one.says(task, status="対応中")
    assert one.lead(request).stage == "sal"


def test_a_task_that_somebody_deleted_is_found_by_the_poll_and_not_made_again(line: Line) -> None:
    one = line(settings="deleted_every_hours = 2\n")
    request, other = one.submits(), one.submits(Email="bo@other.example", Company="Other")
    one.sync()
    one.sync()
    one.acts("remove", id=one.task(request).id)
    before = len(one.calls())
    one.sync(timedelta(hours=3))
    # One page of the list, and one look at the one that is missing in it.
    asked = one.calls(before)
    assert asked.count("GET /v2/task/{task_id}") == 1
    assert (one.lead(request).stage, one.lead(other).stage) == ("rejected", "mql")
    one.acts("change", id=request, fields={"Job title": "CTO"})
    one.sync()
    assert len(one.tasks()) == 1


def test_subtask_comment_and_checklist_are_made_where_they_are_asked_for(line: Line) -> None:
    one = line(settings='subtasks = true\ncomments = true\nquestions = ["Budget?", "Who decides?"]\n')
    request = one.submits()
    one.sync()
    one.sync()
    task = one.task(request)
    (child,) = list(one.space.children(task))
    assert (child.status, child.assignees, child.priority) == ("新規", [81002], 1)
    (held,) = task.checklists
    assert (held.name, [name for _, name, _ in held.items]) == ("Qualification", ["Budget?", "Who decides?"])
    assert len(task.comments) == 1
    assert one.outbox("dead", "parked", "unknown") == []


def test_an_answer_that_was_lost_makes_no_second_task(line: Line) -> None:
    one = line()
    one.sync()
    one.server.faults.add("lost", match=f"POST /v2/list/{one.leads.id}/task")
    request = one.submits()
    one.sync()
    for _ in range(3):
        one.sync(timedelta(minutes=10))
    assert len(one.tasks()) == 1
    assert one.outbox("unknown", "waiting", "dead") == []
    assert one.task(request).name == "Ana Weber"


def test_a_lead_takes_one_call(line: Line) -> None:
    one = line()
    one.sync()
    for number in range(20):
        one.submits(Email=f"p{number}@firm{number}.example", Company=f"Firm {number}")
    before = len(one.calls())
    one.sync()
    one.sync()
    made = [call for call in one.calls(before) if not call.startswith("GET")]
    assert made == ["POST /v2/list/{list_id}/task"] * 20
    assert one.app.crm("clickup").capabilities.one_by_one


def test_a_plan_counts_a_call_for_each_lead(line: Line) -> None:
    one = line(flow='changes_per_run = "100 %"\n')
    for number in range(6):
        one.submits(Email=f"p{number}@firm{number}.example", Company=f"Firm {number}")
    one.clock.move(300)
    runtime, rows, counts = one.app.runtime(), one.app.rows(), Counter[str]()
    bring_back(runtime, rows, "clickup", counts)
    pull(runtime, "clickup", rows, counts)
    plan = making.make(
        runtime, rows, Words("en", one.app.config.zone, str, one.clock.now()), making.Asked(), lambda _: []
    )
    assert plan.cost["clickup"].calls["lead create"] == 6
    assert not {name for name in plan.cost["clickup"].calls if "handover" in name}


def test_what_the_webhook_drops_the_next_reading_finds(line: Line) -> None:
    one = line(settings='webhook = "https://baton.example/hooks/clickup"\n')
    for id in (one.leads.id, one.requests.id):
        one.space.webhooks[id] = Webhook(id, "https://baton.example/hooks/clickup", ("*",), "s", id)
    first = one.submits()
    one.sync()
    one.says(one.task(first), status="対応中")
    assert {json.loads(body)["task_id"] for hook in one.space.webhooks.values() for body, _ in hook.sent} == {
        first, one.task(first).id,
    }  # fmt: skip
    for hook in one.space.webhooks.values():
        hook.deaf, hook.sent = True, []
    second = one.submits(**{"First name": "Bo", "Last name": "Lind", "Email": "bo@other.example", "Company": "Other"})
    one.says(one.task(first), status="受注")
    one.says(one.task(second), status="対応中")
    assert sum(hook.failed for hook in one.space.webhooks.values()) >= 4
    assert not any(hook.sent for hook in one.space.webhooks.values())
    assert (one.lead(first).stage, one.lead(second).stage) == ("won", "sal")


STEPS = re.compile(r"^\d\d:\d\d:\d\d .*$", re.MULTILINE)


SHOWN = ("name", "status", "priority", "assignees", "due_date", "Email", "Phone", "Company", "Job title", "Country",
         "Score", "Grade", "Why")  # fmt: skip
TOLD = ("+", "Timing: ", "What do you need: ")


def shown(one: Both, request: str) -> list[str]:
    """The task of a lead as the server shows it, a line each; of the brief the points and the answers."""
    task = task_shown(one.space, one.task(request))
    due = datetime.fromtimestamp(int(task["due_date"]) / 1000, UTC)
    said = {field["name"]: field.get("value") for field in task["custom_fields"]} | {
        "name": task["name"], "status": task["status"]["status"], "priority": task["priority"]["priority"],
        "assignees": task["assignees"][0]["email"], "due_date": f"{due:%Y-%m-%d %H:%M}",
    }  # fmt: skip
    brief = [line.strip() for line in task["description"].splitlines() if line.strip().startswith(TOLD)]
    return [f"{name:<12} {said[name]}" for name in SHOWN] + [f"{'description':<12} {line}" for line in brief]


@pytest.mark.parametrize("page", ["docs/platforms/clickup.md", "docs/ja/platforms/clickup.md"])
def test_the_story_on_the_page_is_the_ledger(line: Line, page: str) -> None:
    one = line()
    one.sync()
    ana = one.submits()
    one.sync()
    assert "\n".join(["```text", *shown(one, ana), "```"]) in (ROOT / page).read_text("utf-8")
    bo = one.submits(**{"First name": "Bo", "Last name": "Lind", "Email": "bo@other.example", "Company": "Other AB"})
    one.sync()
    names = {ana: "request of Ana", bo: "request of Bo", one.task(ana).id: "Ana", one.task(bo).id: "Bo"}
    one.clock.move(60)
    one.acts("comment", id=one.task(ana).id, by="lena@northwind.example", text="電話: 来週デモ")
    one.sync()
    one.says(one.task(ana), status="対応中")
    one.says(one.task(ana), status="商談化")
    one.says(one.task(bo), status="却下", fields={"Rejection reason": "Not a fit", "Lead quality": 2})
    one.says(one.task(ana), status="受注")
    told = [
        f"{datetime.fromtimestamp(deed.at, UTC):%H:%M:%S} {deed.did:<7} {names[deed.id]:<15} {' '.join(deed.fields)}"
        for deed in one.space.ledger.deeds()
    ]
    told = [row.rstrip() for row in told]
    assert STEPS.findall((ROOT / page).read_text("utf-8")) == told
    assert (one.lead(ana).stage, one.lead(bo).stage) == ("won", "rejected")
    assert f"{one.handoff(ana).contacted_at:%H:%M}" == "08:16"
    assert (one.handoff(bo).reason, one.handoff(bo).rating) == ("wrong_fit", 2)


def test_setup_prints_what_is_to_be_made_by_hand(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    one = line()
    monkeypatch.chdir(one.folder)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert CliRunner().invoke(baton, ["setup", "clickup"]).exit_code == 0
    assert "READY" in CliRunner().invoke(baton, ["check"]).stdout
    one.leads.fields = [field for field in one.leads.fields if field.name != "Score"]
    one.leads.statuses = one.leads.statuses[:3]
    one.requests.fields = [field for field in one.requests.fields if field.type != "email"]
    answer = CliRunner().invoke(baton, ["setup", "clickup"])
    assert answer.exit_code == 1
    missing = [row for row in answer.stdout.splitlines() if row.startswith("missing: ")]
    assert [row.partition(" of the list ")[0] for row in missing] == [
        "missing: the form", "missing: the field Score (Number)", "missing: the statuses",
    ]  # fmt: skip
    assert "  2. type: Number\n  3. name: Score; Create\n" in answer.stdout


def test_a_handover_is_taken_back_by_the_status_that_says_rejected(line: Line) -> None:
    one = line()
    request = one.submits()
    run = one.sync().run_id
    one.clock.move(300)
    undo(one.app.runtime(), one.app.rows, run)
    one.sync()
    assert (one.task(request).status, one.handoff(request).state) == ("却下", "closed")
    assert len(one.tasks()) == 1


@pytest.mark.parametrize("kind", ["drop", "lost", "html", "wrong_json", "cut_headers", "cut", "status"])
def test_whatever_becomes_of_a_call_there_is_one_task_and_one_comment(line: Line, kind: str) -> None:
    one = line(settings="comments = true\n")
    one.sync()
    for at in (f"POST /v2/list/{one.leads.id}/task", "POST /v2/task/", f"GET /v2/list/{one.leads.id}/task"):
        one.server.faults.add(kind, match=at, code=503)
    request = one.submits()
    for _ in range(6):
        one.clock.move(600)
        # A read that failed is told with the run, and made again with the next.
        sync(one.app.runtime(), one.app.rows)
    (task,) = one.tasks()
    assert len(task.comments) == 1
    assert one.outbox("unknown", "waiting", "dead", "parked") == []
    one.says(task, status="対応中")
    assert one.lead(request).stage == "sal"
    assert one.server.faults.left() == []
