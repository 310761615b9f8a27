"""The ClickUp adapter against a local workspace: each kind of field, each way to be refused, each way to be told."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from adapters._clickup import walk as walking
from adapters._clickup.api import limits, read_error
from adapters._clickup.board import Board, Column, column_of
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import ValueRefusedError, custom_value, own_value
from adapters._clickup.walk import Walk
from adapters._words import fold, kind_of
from connector.kit.contract.clock import START
from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import ConfigError, StreamError
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown
from connector.sandbox.clickup import LEADS, TEAM, TOKEN, ClickUpServer, Workspace, furnish
from connector.sandbox.clock import Clock
from tests.contract.adapters.clickup_world import ClickUpCrmWorld
from tests.servers.clickup_description import watched

EVERY = {"Kind": "drop_down:One,Two", "Tags": "labels:Red,Green", "Size": "number", "Price": "currency",
         "When": "date", "Mail": "email", "Fon": "phone", "Site": "url", "Who": "users", "Of": "tasks",
         "Stars": "emoji", "Sure": "checkbox", "Sum": "formula"}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ClickUpCrmWorld]:
    made = ClickUpCrmWorld(tmp_path, questions=["Budget?", "Who decides?"], subtasks=True)
    for name, type in EVERY.items():
        made.space.add_field(made.leads, name, type)
    yield made
    made.close()


def write(world: ClickUpCrmWorld, item: WriteItem) -> Outcome:
    return world.crm().crm.write([item])[0]  # type: ignore[no-any-return]


def lead(key: str = "k1", crm_id: str = "", **values: Any) -> WriteItem:
    return WriteItem("lead", key, values if crm_id else {"name": "Ana", **values}, crm_id)


def made(world: ClickUpCrmWorld, **values: Any) -> str:
    outcome = write(world, lead(**values))
    assert isinstance(outcome, Done), outcome
    return outcome.crm_id


def held(world: ClickUpCrmWorld, id: str, name: str) -> Any:
    field = world.leads.field(name)
    assert field
    return world.space.tasks[id].values.get(field.id)


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused), outcome
    return outcome


#: What is sent, and what a look-up tells of it.
KINDS = [
    ("Kind", "two", "Two"), ("Tags", ["Red", "green"], ["Red", "Green"]), ("Tags", "Red;Green", ["Red", "Green"]),
    ("Size", "12", 12), ("Size", 1.5, 1.5), ("Price", 900, 900), ("When", "2026-12-07T08:00:00+00:00",
    "2026-12-07T08:00:00+00:00"), ("When", "2026-12-07", "2026-12-07T00:00:00+00:00"),
    ("Mail", "ana@firm.example", "ana@firm.example"), ("Fon", "+4930901820", "+4930901820"),
    ("Site", "https://firm.example", "https://firm.example"), ("Who", "lena@northwind.example", "81002"),
    ("Stars", 4, 4), ("Sure", True, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sent", "told"), KINDS)
def test_each_kind_of_field_is_set_in_the_create_and_later(
    world: ClickUpCrmWorld, name: str, sent: Any, told: Any
) -> None:
    crm = world.crm().crm
    crm._finder.written = {"lead": tuple(EVERY)}
    first = made(world, **{name: sent})
    second = made(world)
    assert isinstance(write(world, lead("k2", second, **{name: sent})), Done)
    for id in (first, second):
        (values,) = crm.find([FindItem("lead", "k", id)])[0].values
        assert {name: value for name, value in values.items() if value is not None} == {name: told}
    assert isinstance(write(world, lead("k1", first, **{name: ""})), Done)
    assert held(world, first, name) is None


def test_a_relationship_is_added_to(world: ClickUpCrmWorld) -> None:
    other = made(world)
    one = made(world, Of=[other])
    assert held(world, one, "Of") == [other]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Kind", "Three", "NOT_A_CHOICE"), ("Size", "many", "WRONG_VALUE"), ("When", "soon", "WRONG_VALUE"),
        ("Fon", "030 901820", "WRONG_VALUE"), ("Who", "nobody@northwind.example", "NO_MEMBER"),
        ("Sum", "1", "NOT_WRITABLE"), ("Nowhere", "1", "NO_FIELD"), ("priority", "later", "NOT_A_CHOICE"),
        ("status", "no such", "NOT_A_CHOICE"), ("assignees", "nobody@northwind.example", "NO_MEMBER"),
    ],
)  # fmt: skip
def test_what_would_not_be_taken_is_refused_by_its_field_and_not_sent(
    world: ClickUpCrmWorld, name: str, value: str, code: str
) -> None:
    outcome = refused(write(world, lead(**{name: value})))
    assert (outcome.code, outcome.field) == (code, name)
    assert outcome.code in world.declared().field_codes
    assert world.space.tasks == {}


def test_a_list_that_has_changed_is_asked_anew(world: ClickUpCrmWorld) -> None:
    crm = world.crm().crm
    assert isinstance(crm.write([lead(Kind="Two")])[0], Done)
    world.set_choices("Kind", ["Two", "Three"])
    assert refused(crm.write([lead(Kind="Three")])[0]).field == "Kind"
    assert isinstance(crm.write([lead(Kind="Three")])[0], Done)


def test_what_the_server_refuses_names_its_field_where_that_can_be_told(world: ClickUpCrmWorld) -> None:
    id = made(world)
    crm = world.crm().crm
    crm.boards.current()
    world.leads.statuses = world.leads.statuses[:1]
    assert refused(crm.write([lead("k1", id, status="受注")])[0]).field == "status"
    world.leads.fields = [one for one in world.leads.fields if one.name != "Size"]
    outcome = refused(world.crm().crm.write([lead("k1", id, Size=3)])[0])
    assert (outcome.field, outcome.code) == ("Size", "NO_FIELD")


def test_a_blank_that_cannot_be_sent_is_said_so(world: ClickUpCrmWorld) -> None:
    id = made(world, due_date="2026-12-07T08:00:00+00:00", description="Brief")
    assert refused(write(world, lead("k1", id, due_date=""))).code == "NOT_CLEARED"
    assert isinstance(write(world, lead("k1", id, description="")), Done)
    assert world.space.tasks[id].description == ""


def test_another_owner_takes_the_place_of_the_one_before(world: ClickUpCrmWorld) -> None:
    id = made(world, assignees="81002")
    world._do("change", id=id, assignee="petra@northwind.example")
    assert isinstance(write(world, lead("k1", id, assignees="tom@northwind.example")), Done)
    assert world.space.tasks[id].assignees == [81003]


def test_an_update_that_ends_in_the_middle_is_not_done_and_goes_out_whole_again(world: ClickUpCrmWorld) -> None:
    id = made(world)
    assert world.server
    world.server.faults.add("status", match="/field/", after=1, code=429, body={"err": "Rate limit reached"})
    change = lead("k1", id, Size=3, Price=4)
    assert isinstance(write(world, change), NotExecuted)
    assert (held(world, id, "Size"), held(world, id, "Price")) == (3, None)
    assert isinstance(write(world, change), Done)
    assert (held(world, id, "Size"), held(world, id, "Price")) == (3, 4)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "code": 500, "body": {}}, Unknown),
        ({"kind": "html"}, Unknown),
        ({"kind": "wrong_json"}, Unknown),
        ({"kind": "lost"}, Unknown),
        ({"kind": "status", "code": 403, "body": {"err": "No access", "ECODE": "ACCESS_1"}}, NotExecuted),
    ],
)
def test_an_answer_that_says_nothing_leaves_a_create_unknown(
    world: ClickUpCrmWorld, fault: dict[str, Any], kind: type
) -> None:
    world.crm().crm.boards.current()
    assert world.server
    crm = world.crm().crm
    crm.boards.current()
    world.server.faults.add(match="POST /v2/list/", **fault)
    assert isinstance(crm.write([lead()])[0], kind)


def test_a_key_is_found_by_the_whole_of_it(world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.sandbox.clickup import tasks

    # That "=" does not find parts of a text is written nowhere.
    monkeypatch.setattr(tasks, "matches", lambda _field, value, wanted: wanted in str(value))
    made(world)
    world.clock.pass_by(120)
    assert world.crm().crm.find([FindItem("lead", "k")])[0].crm_ids == ()
    assert len(world.crm().crm.find([FindItem("lead", "k1")])[0].crm_ids) == 1


def test_a_checklist_is_made_once_and_completed(world: ClickUpCrmWorld) -> None:
    parent = made(world)
    assert world.server
    item = WriteItem("checklist", "h1:checklist:1", {"name": "Qualification"}, parent_id=parent)
    world.server.faults.add("status", match="/checklist_item", after=1, code=429, body={"err": "Rate limit reached"})
    assert isinstance(write(world, item), NotExecuted)
    asked = FindItem("checklist", item.our_key, parent_id=parent)
    assert world.crm().crm.find([asked])[0].crm_ids == ()
    assert isinstance(write(world, item), Done)
    (checklist,) = world.space.tasks[parent].checklists
    assert [name for _, name, _ in checklist.items] == ["Budget?", "Who decides?"]
    assert world.crm().crm.find([asked])[0].crm_ids == (checklist.id,)


def test_a_handover_is_told_once_and_found_by_its_comment(world: ClickUpCrmWorld) -> None:
    parent = world.make("lead", name="Ana")
    assert world.server
    item = WriteItem("handover", "s:handoff-1:handover:1", {"comment_text": "Brief"}, parent_id=parent)
    world.server.faults.add("lost", match="/comment")
    assert isinstance(write(world, item), Unknown)
    asked = FindItem("handover", item.our_key, parent_id=parent)
    assert world.crm().crm.find([asked])[0].crm_ids == (parent,)
    assert isinstance(write(world, replace(item, attempt=2)), Done)
    assert len(world.space.tasks[parent].comments) == 1
    world.remove_person(parent)
    assert refused(write(world, replace(item, attempt=2))).code == "NOT_FOUND"


def test_what_hangs_on_nothing_waits(world: ClickUpCrmWorld) -> None:
    for object in ("task", "handover", "checklist"):
        assert isinstance(write(world, WriteItem(object, "k", {"name": "x"})), NotExecuted)


def test_setup_says_name_and_type_of_each_field(world: ClickUpCrmWorld) -> None:
    world.leads.fields = [one for one in world.leads.fields if one.name not in ("Baton ID", "Email")]
    crm = world.crm().crm
    crm.context.written = {"lead": ("name", "Email", "Company")}
    crm.context.stage_only = frozenset({"status", "Rejection reason"})
    missing = {step.what: step.by_hand for step in crm.setup() if not step.there}
    assert list(missing) == ["the field Baton ID (Text) of the list Leads", "the field Email (Email) of the list Leads"]
    assert missing["the field Email (Email) of the list Leads"][1:3] == ("type: Email", "name: Email; Create")
    with pytest.raises(ConfigError, match="baton setup crm"):
        crm.check()
    world.leads.rights = "read"
    with pytest.raises(ConfigError, match="lacks the right"):
        crm.check()


def test_a_field_of_the_right_name_and_the_wrong_type_is_in_the_way(world: ClickUpCrmWorld) -> None:
    crm = world.crm().crm
    crm.context.written = {"lead": ("Score", "Company")}
    assert all(step.there for step in crm.setup())
    for name, type in (("Score", "short_text"), ("Baton ID", "number")):
        field = world.leads.field(name)
        assert field
        field.type = type
    missing = {step.what: step.by_hand for step in crm.setup() if not step.there}
    assert [(what.split(" of ")[0], said[0].split(",")[0]) for what, said in missing.items()] == [
        ("the field Baton ID (Text)", "Baton ID is there with the type number"),
        ("the field Score (Number)", "Score is there with the type short_text"),
    ]


def test_a_list_that_is_not_named_is_said_so(tmp_path: Path) -> None:
    world = ClickUpCrmWorld(tmp_path)
    crm = world.crm().crm
    crm.settings = ClickUpSettings()
    with pytest.raises(ConfigError, match="leads is missing"):
        crm.check()
    world.close()


# reading


def walk(world: ClickUpCrmWorld, state: dict[str, Any] | None = None) -> tuple[list[str], dict[str, Any]]:
    http = world._http()
    found: list[str] = []
    state = dict(state or {})
    walked = Walk(http, world._settings(), world.leads.id, lambda: int(world.clock().timestamp() * 1000))
    for tasks, following in walked.steps(state):
        found += [str(one["id"]) for one in tasks]
        state = following
    return found, state


def test_a_walk_finds_its_way_where_reverse_means_the_other_thing(
    world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.sandbox.clickup import tasks

    monkeypatch.setattr(
        tasks, "_is_true", lambda call, name: (call.first(name, "false") == "true") != (name == "reverse")
    )
    made = []
    for number in range(3):
        made.append(world.make("lead", name=f"P{number}"))
        world.clock.pass_by(1)
    assert walk(world)[0] == made


def test_a_list_in_no_order_is_not_read(world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.sandbox.clickup import tasks

    for number in range(9):
        world.make("lead", name=f"P{number}")
        world.clock.pass_by(1)
    monkeypatch.setitem(tasks._ORDERS, "updated", lambda task: hashlib.md5(task.id.encode()).hexdigest())
    with pytest.raises(StreamError):
        walk(world)


def test_closed_tasks_are_read_and_archived_ones_are_not(world: ClickUpCrmWorld) -> None:
    closed, archived = world.make("lead", name="Closed"), world.make("lead", name="Archived")
    world._do("change", id=closed, status="失注")
    world._do("change", id=archived, archived=True)
    assert walk(world)[0] == [closed]


def test_a_walk_that_breaks_off_goes_on_where_it_was(world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "PAGE", 100)
    made = {world.make("lead", name=f"P{number}") for number in range(250)}
    http = world._http()
    steps = Walk(http, world._settings(), world.leads.id, lambda: int(world.clock().timestamp() * 1000)).steps({})
    first, state = next(steps)
    rest, _ = walk(world, json.loads(json.dumps(state)))
    assert {str(one["id"]) for one in first} | set(rest) == made


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call: no answer", "call"), ("電話した", "call"), ("ＣＡＬＬ", "call"), ("calling it a day", "other"),
        ("Mail sent", "email"), ("メール送付", "email"), ("E-mail", "email"), ("面談 12/7", "meeting"),
        ("met Ana", "meeting"), ("metal works", "other"), ("", "other"), ("Angerufen, kommt zurück", "call"),
    ],
)  # fmt: skip
def test_the_first_word_says_what_it_was(text: str, kind: str) -> None:
    assert kind_of(text, "other") == kind


def test_comments_beyond_a_page_are_read_back_to_a_moment(world: ClickUpCrmWorld) -> None:
    from adapters._clickup.around import comments_of

    id = world.make("lead", name="Ana")
    for _ in range(60):
        world.clock.pass_by(60)
        world._do("comment", id=id, text="Call", by="lena@northwind.example")
    http = world._http()
    assert len(comments_of(http, id, 0)) == 60
    since = int((world.clock() - timedelta(minutes=39)).timestamp() * 1000)
    assert len(comments_of(http, id, 0, since)) == 40


# words and numbers


def test_names_are_compared_whatever_their_width_and_case() -> None:
    assert fold("Ｂａｔｏｎ　ID ") == fold("baton id")
    assert fold("対応中") != fold("対応済")


def test_a_name_of_two_fields_is_the_one_that_is_written_so() -> None:
    custom = {"1": Column("EMAIL", "short_text", "1"), "2": Column("Email", "email", "2")}
    board = Board("9", "Leads", "create", (), custom, {"7": "lena@northwind.example"})
    assert [board.column(name).id for name in ("Email", "EMAIL", "email", "2")] == ["2", "1", "1", "2"]  # type: ignore[union-attr]
    assert board.column("status") is not custom.get("1")
    with pytest.raises(ValueRefusedError):
        own_value(board, Column("status", "status"), "new")
    assert custom_value(board, Column("n", "number", "3"), 4.0) == {"value": 4}


def test_an_option_is_told_by_its_number_though_one_before_it_was_deleted() -> None:
    options = [{"id": "a", "name": "One", "orderindex": 0}, {"id": "c", "name": "Three", "orderindex": 2}]
    column = column_of({"id": "1", "name": "Kind", "type": "drop_down", "type_config": {"options": options}})
    assert [column.word(value) for value in (0, 1, 2, "c")] == ["One", None, "Three", "Three"]


def test_what_headers_and_errors_say() -> None:
    assert [(one.used, one.limit) for one in limits({"x-ratelimit-limit": "100", "x-ratelimit-remaining": "40"})] == [
        (60, 100)
    ]
    assert limits({"x-ratelimit-limit": "100"}) == []
    assert read_error({"err": "Bad ana@firm.example", "ECODE": "X_1"}) == ("X_1", "Bad …", "")
    assert read_error(["odd"]) == ("", "", "")


@pytest.mark.parametrize("wrong", [{"leads": "abc"}, {"forms": ["x"]}, {"base_url": "http://api.clickup.com"}])
def test_settings_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ClickUpSettings(**wrong)


# the local server


@pytest.fixture
def space() -> Iterator[tuple[Workspace, str]]:
    held = Workspace(Clock(START))
    furnish(held)
    with ClickUpServer(held) as server:
        yield held, server.url
        assert not server.errors


def asked(url: str, method: str, path: str, **more: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url + path, headers={"Authorization": TOKEN}, timeout=30, **more)


def test_the_server_leaves_out_what_clickup_leaves_out(space: tuple[Workspace, str]) -> None:
    held, url = space
    path = f"/v2/list/{next(iter(held.lists))}/task"
    ids = [asked(url, "POST", path, json={"name": f"T{n}"}).json()["id"] for n in range(2)]
    child = asked(url, "POST", path, json={"name": "Below", "parent": ids[0]}).json()["id"]
    asked(url, "PUT", f"/v2/task/{ids[1]}", json={"status": "失注"})

    def told(**query: str) -> set[str]:
        return {one["id"] for one in asked(url, "GET", path, params=query).json()["tasks"]}

    assert told() == {ids[0]}
    assert told(include_closed="true") == set(ids)
    assert told(subtasks="true") == {ids[0], child}
    at = held.tasks[ids[0]].updated
    assert told(date_updated_gt=str(at), include_closed="true") == set()
    assert told(date_updated_gt=str(at - 1), include_closed="true") == set(ids)
    for status, call in ((404, ("GET", "/v2/task/nothing")), (400, ("PUT", f"/v2/task/{child}"))):
        answer = asked(url, *call, json={"status": "no such"})
        assert answer.status_code == status
        assert set(answer.json()) == {"err", "ECODE"}


def test_the_server_keeps_to_the_limit_and_says_when_it_begins_anew(space: tuple[Workspace, str]) -> None:
    held, url = space
    held.limits.per_minute = 2
    answers = [asked(url, "GET", "/v2/user") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == ["1", "0", "0"]
    assert int(answers[2].headers["X-RateLimit-Reset"]) == int(START.timestamp()) + 60
    held.clock.move(61)
    assert asked(url, "GET", "/v2/user").status_code == 200


def test_a_webhook_is_signed_over_the_whole_body(space: tuple[Workspace, str]) -> None:
    held, url = space
    body = {"endpoint": "https://baton.example/hooks", "events": ["taskDeleted"]}
    told = asked(url, "POST", f"/v2/team/{TEAM}/webhook", json=body).json()["webhook"]
    path = f"/v2/list/{next(iter(held.lists))}/task"
    id = asked(url, "POST", path, json={"name": "T"}).json()["id"]
    asked(url, "DELETE", f"/v2/task/{id}")
    ((sent, signature),) = held.webhooks[told["id"]].sent
    assert signature == hmac.new(told["secret"].encode(), sent, hashlib.sha256).hexdigest()
    assert json.loads(sent)["event"] == "taskDeleted"


def test_what_does_not_fit_the_description_is_seen(space: tuple[Workspace, str]) -> None:
    shared = os.environ.get("BATON_SHARED", "")
    if not (Path(shared) / "specs" / "clickup").is_dir():
        pytest.skip("BATON_SHARED does not name the folder with the platforms' descriptions")
    held, _ = space
    with ClickUpServer(held) as server:
        watcher = watched(server, shared)
        path = f"/v2/list/{held.lists[next(iter(held.lists))].id}/task"
        assert held.lists[next(iter(held.lists))].name == LEADS
        wrong: tuple[tuple[str, str, dict[str, Any], str], ...] = (
            ("POST", path, {"json": {"name": "T", "colour": "red"}}, "unknown key body.colour"),
            ("POST", path, {"json": {"name": 7}}, "7"),
            ("GET", path, {"params": {"since": "1"}}, "undeclared query name since"),
            ("GET", path, {"params": {"page": "first"}}, "page"),
            ("GET", f"/v2/list/{held.lists[next(iter(held.lists))].id}/field", {}, "Content-Type"),
            ("GET", "/v2/nowhere", {}, "no such route"),
            ("POST", f"/v3/workspaces/{TEAM}/docs", {"json": {"name": "D", "colour": 1}}, "unknown key body.colour"),
            ("GET", f"/v3/workspaces/{TEAM}/docs", {"params": {"limit": "1000"}}, "maximum of 100"),
        )
        for method, at, more, problem in wrong:
            watcher.problems.clear()
            asked(server.url, method, at, **more)
            assert any(problem in one for one in watcher.problems), (at, more, watcher.problems)
