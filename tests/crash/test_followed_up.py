"""A week of handoffs with mail and a web hook: a sample of its boundaries, and faults that its books find.

The full walk is `baton selftest --crash-points all`.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.edge.notify import Notify
from connector.model.notices import Message
from connector.model.outbox import Done, NotExecuted, Refused, Unknown
from connector.runs import follow_up, send_notices
from connector.sandbox.post import PostServer
from connector.selftest.crash import walk
from connector.selftest.forking import in_child
from connector.selftest.worlds._team import HOOK
from connector.selftest.worlds.follow_up import Weeks, worlds

TAKEN, FOLLOWED = "after a notice went to a mail", "after the commit of follow_up"


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    world, _ = worlds()
    assert isinstance(world, Weeks)
    world.furnish(tmp_path_factory.mktemp("weeks") / "template")
    return world


@pytest.fixture(scope="module")
def next_day(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    _, world = worlds()
    assert isinstance(world, Weeks)
    world.furnish(tmp_path_factory.mktemp("next-day") / "template")
    return world


def killed(weeks: Weeks, folder: Path, pattern: str, nth: int = 1) -> dict[str, Any]:
    """The verdict on a week in which Baton was killed when it came to a boundary for the `nth` time."""
    passed = 0

    def step(name: str) -> None:
        nonlocal passed
        passed += bool(re.fullmatch(pattern, name))
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def judged() -> dict[str, Any]:
        week.recover()
        verdict = week.judge()
        return {name: list(getattr(verdict, name)) for name in ("lost", "double", "other", "may_double")}

    with weeks.scene(folder / "week") as week:
        assert in_child(lambda: week.run(step)).fault == "ended by itself, status 9"
        ended = in_child(judged)
    assert ended.fault == ""
    return dict(ended.said)


@pytest.mark.parametrize(("half", "points"), [("weeks", 3), ("next_day", 3)])
def test_a_sample_of_the_boundaries(
    half: str, points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    world: Weeks = request.getfixturevalue(half)
    monkeypatch.setattr(world, "furnish", lambda _folder: None)
    walked = walk(world, tmp_path / "walk", sample=points)
    assert walked.problems == []
    assert [(point.name, point.fault, point.verdict) for point in walked.points if not point.clean] == []
    assert 25 < len(walked.boundaries) <= 50
    assert walked.boundaries.count(FOLLOWED) > 2
    assert walked.shown["notice"] > 20


def test_what_somebody_must_act_on_is_told_twice_at_most_and_counted(weeks: Weeks, tmp_path: Path) -> None:
    verdict = killed(weeks, tmp_path, TAKEN, 3)
    assert [verdict[name] for name in ("lost", "double", "other")] == [[], [], []]
    (sentence,) = verdict["may_double"]
    assert re.fullmatch(r"told mail:\w+@northwind.example 2 times: .*", sentence)


def test_a_reminder_that_comes_twice_is_found(weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_notices, "AT_MOST_ONCE", frozenset())
    verdict = killed(weeks, tmp_path, TAKEN, 2)
    assert [one for one in verdict["double"] if one.endswith(": To be contacted: Ana Weber · Firm GmbH")]


def test_a_notice_that_is_not_in_the_commit_of_its_event_is_found(
    weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_up, "announce", lambda *_: 0)
    verdict = killed(weeks, tmp_path, FOLLOWED)
    assert [one for one in verdict["lost"] if one.startswith("notice of mail:lena@northwind.example: breached")]


class TestPost:
    """The mail server and the web hook themselves."""

    MESSAGE = Message("mail:lena@northwind.example", "Hot lead: 山田", ".\nTwo\n..\nlines", "0123abcd")

    @pytest.fixture
    def post(self) -> Iterator[PostServer]:
        with PostServer() as server:
            yield server

    @pytest.fixture
    def ways(self, post: PostServer) -> dict[str, Notify]:
        mail = Notify(lambda _: post.mail_url, "mail-server", "baton@northwind.example")
        return {"DATA": mail, HOOK: Notify(lambda _: f"json://127.0.0.1:{post.port}{HOOK}")}

    def test_a_mail_is_kept_as_it_was_written(self, post: PostServer, ways: dict[str, Notify]) -> None:
        assert isinstance(ways["DATA"].send(self.MESSAGE), Done)
        (letter,) = post.letters
        assert (letter.to, letter.subject, letter.id) == (
            "lena@northwind.example", self.MESSAGE.subject, "<0123abcd@northwind.example>",
        )  # fmt: skip
        assert letter.text.splitlines() == self.MESSAGE.text.splitlines()

    @pytest.mark.parametrize(
        ("way", "fault", "outcome", "letters"),
        [
            ("DATA", {"kind": "status", "code": 450}, NotExecuted, 0),
            ("DATA", {"kind": "status", "code": 550}, Refused, 0),
            ("DATA", {"kind": "drop"}, Unknown, 0),
            ("DATA", {"kind": "lost"}, Unknown, 1),
            (HOOK, {"kind": "status", "code": 429}, Unknown, 0),
            (HOOK, {"kind": "lost"}, Unknown, 1),
        ],
    )
    def test_faults_as_ordered(
        self, post: PostServer, ways: dict[str, Notify], way: str, fault: dict[str, Any], outcome: type, letters: int
    ) -> None:
        post.faults.add(match=way, **fault)
        to = "mail:lena@northwind.example" if way == "DATA" else "secret:ops"
        message = Message(to, "subject", "text", "1")
        assert isinstance(ways[way].send(message), outcome)
        assert len(post.letters) == letters
        assert isinstance(ways[way].send(message), Done)
        assert len(post.letters) == letters + 1
