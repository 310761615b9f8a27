"""What ClickUp tells by itself: asked for, signed, understood, and found without it where it is dropped."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.clickup import ADAPTER
from connector.model.adapter import SetupStep
from connector.model.errors import AuthError, RetryableError
from connector.model.hooks import MOST_BYTES, Heard, Moved, NotHeard
from tests.contract.adapters.clickup_world import ClickUpCrmWorld

ADDRESS = "https://baton.example/hooks/clickup"
BODY = json.dumps(
    {"event": "taskUpdated", "task_id": "86a", "webhook_id": "w1", "history_items": [{"id": "7", "date": "1000"}]}
).encode()


def signature(body: bytes, secret: str = "s1") -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def hear(body: bytes, headers: Mapping[str, str], secret: str = "s1") -> Heard | NotHeard:
    assert ADAPTER.hooks
    return ADAPTER.hooks.hear(headers, body, secret)


def moved(body: bytes, headers: Mapping[str, str], secret: str = "s1") -> tuple[Moved, ...]:
    heard = hear(body, headers, secret)
    assert isinstance(heard, Heard), heard
    return heard.moved


def test_a_signed_delivery_names_what_moved() -> None:
    (one,) = moved(BODY, {"X-Signature": signature(BODY)})
    assert (one.id, one.event, one.key) == ("86a", "taskUpdated", "7")
    assert one.at is not None
    assert one.at.timestamp() == 1.0


def test_any_secret_of_the_connection_will_do_whatever_the_case_of_the_header() -> None:
    assert moved(BODY, {"x-signature": signature(BODY).upper()}, "s0 s1\ns2")


@pytest.mark.parametrize(
    ("body", "given", "secret", "status"),
    [
        (BODY, signature(BODY, "s2"), "s1", 401), (BODY + b" ", signature(BODY), "s1", 401),
        (BODY, "", "s1", 401), (BODY, signature(BODY)[:-1], "s1", 401), (BODY, "é", "s1", 401),
        (BODY, signature(BODY, ""), "", 401), (BODY, signature(BODY, " "), "  ", 401),
        (b"{", signature(b"{"), "s1", 400), (b"[]", signature(b"[]"), "s1", 400), (b"{}", signature(b"{}"), "s1", 400),
        (b" " * (MOST_BYTES + 1), signature(b" " * (MOST_BYTES + 1)), "s1", 413),
    ],
)  # fmt: skip
def test_what_is_not_heard_says_how_it_is_to_be_answered(body: bytes, given: str, secret: str, status: int) -> None:
    answer = hear(body, {"X-Signature": given}, secret)
    assert isinstance(answer, NotHeard)
    assert answer.status == status


def test_what_is_about_no_task_moves_nothing() -> None:
    for told in ({"event": "listUpdated", "list_id": "1"}, {"event": "taskUpdated", "task_id": {}}):
        body = json.dumps(told).encode()
        assert moved(body, {"X-Signature": signature(body)}) == ()


def test_the_same_news_has_the_same_key_and_a_deletion_one_for_each_task() -> None:
    body = json.dumps({"event": "taskDeleted", "task_id": "86b", "history_items": []}).encode()
    first, again = (moved(body, {"X-Signature": signature(body)})[0].key for _ in range(2))
    assert first == again == "taskDeleted:86b"


class Hooked(ClickUpCrmWorld):
    """A world whose secrets can be kept, and whose setup asks for webhooks."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.settings = {"forms": [self.requests.id], **self.settings}
        self.kept: dict[str, str] = {}

    def keep(self, name: str, value: str) -> None:
        self.kept[name] = value

    def steps(self, webhook: str = ADDRESS) -> list[SetupStep]:
        """What setup says of webhooks."""
        self.settings["webhook"] = webhook
        crm = self.crm().crm
        crm.context = replace(crm.context, keep_secret=self.keep, secret=self.read)
        return [one for one in crm.setup() if "webhook" in one.what]

    def set_up(self, webhook: str = ADDRESS) -> list[str]:
        """Run setup; returns what was made."""
        made = [one for one in self.steps(webhook) if not one.there]
        for one in made:
            assert one.act
            one.act()
        return [one.what for one in made]

    def read(self, name: str) -> str:
        if not self.kept.get(name):
            raise AuthError(name, "no secret")
        return self.kept[name]

    @property
    def hooks(self) -> list[Any]:
        return list(self.space.webhooks.values())

    @property
    def secret(self) -> str:
        return self.kept.get("crm-webhook", "")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Hooked]:
    made = Hooked(tmp_path)
    yield made
    made.close()


def test_setup_asks_for_one_webhook_a_list_and_keeps_their_secrets(world: Hooked) -> None:
    assert len(world.set_up()) == 2
    assert {one.list_id for one in world.hooks} == {world.leads.id, world.requests.id}
    assert set(world.secret.split()) == {one.secret for one in world.hooks}
    assert [one.there for one in world.steps()] == [True, True]
    assert world.set_up() == []


def test_every_delivery_of_the_server_is_heard_and_names_its_task(world: Hooked) -> None:
    world.set_up()
    id = world.make("lead", name="Ana")
    world._do("change", id=id, status="対応中")
    world._do("comment", id=id, text="Call", by="lena@northwind.example")
    world._do("spend", id=id, by="lena@northwind.example")
    asked = world._do("submit", list="Demo requests", answers={"First name": "Bo"})["id"]
    world._do("remove", id=id)
    told = [moved(*sent, world.secret)[0] for one in world.hooks for sent in deliveries(one)]
    assert {one.id for one in told} == {id, asked}
    assert list(dict.fromkeys(one.event for one in told if one.id == id)) == [
        "taskCreated", "taskUpdated", "taskCommentPosted", "taskTimeTrackedUpdated", "taskDeleted",
    ]  # fmt: skip
    assert len({one.key for one in told}) == len(told)
    for one in world.hooks:
        for body, headers in deliveries(one):
            assert isinstance(hear(body + b"x", headers, world.secret), NotHeard)


def deliveries(hook: Any) -> list[tuple[bytes, dict[str, str]]]:
    return [(body, {"X-Signature": given}) for body, given in hook.sent]


def test_a_webhook_whose_answer_was_lost_is_taken_over(world: Hooked) -> None:
    step = world.steps()[0]
    assert world.server
    assert step.act
    world.server.faults.add("lost", match="POST /v2/team")
    with pytest.raises(RetryableError):
        step.act()
    assert len(world.hooks) == 1
    world.set_up()
    assert len(world.hooks) == 2
    assert set(world.secret.split()) == {one.secret for one in world.hooks}


def test_one_that_sleeps_is_replaced_and_its_secret_forgotten(world: Hooked) -> None:
    world.set_up()
    (one, other) = world.hooks
    one.failed = 100
    assert len(world.set_up()) == 1
    assert one not in world.hooks
    assert set(world.secret.split()) == {hook.secret for hook in world.hooks}
    assert other in world.hooks


def test_another_address_takes_the_place_of_the_one_before_and_no_address_removes_all(world: Hooked) -> None:
    foreign = world.space
    world.set_up()
    world.set_up("https://other.example/hooks")
    assert {one.endpoint for one in world.hooks} == {"https://other.example/hooks"}
    assert len(world.hooks) == len(world.secret.split()) == 2
    # One that somebody else has made is none of ours.
    theirs = world.hooks[0]
    foreign.webhooks["theirs"] = replace(theirs, id="theirs", secret="theirs", list_id=None)
    assert all("removal" in what for what in world.set_up(""))
    assert [one.id for one in world.hooks] == ["theirs"]
    assert world.secret == ""
    assert world.steps("") == []


def test_a_webhook_whose_secret_cannot_be_kept_is_not_left_behind(
    world: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, _value: str) -> None:
        raise AuthError(name, "read only")

    monkeypatch.setattr(world, "keep", refuse)
    with pytest.raises(AuthError):
        world.set_up()
    assert world.hooks == []
