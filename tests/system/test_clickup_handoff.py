"""The handoff in ClickUp: reminded of and taken up, rejected in a form, back by another form, and won."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.model.handoff import HandoffEvent
from connector.sandbox.clickup import FEEDBACK, edit, furnish_beside
from tests.clickup import SECRETS, Both, both
from tests.notices.servers import Postbox, mail_server

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LENA, TOM = "lena@northwind.example", "tom@northwind.example"
BO = {"First name": "Bo", "Last name": "Lind", "Email": "bo@other.example", "Company": "Other AB"}
SETTINGS = """feedback = ["901900000003"]
[mail]
server = "mail-server"
sender = "baton@northwind.example"
[teams.sales.hours]
Mon-Sun = "00:00-24:00"
[flows.b2b.clock]
contact = { hot = "30 min", other = "4 hours" }
[flows.b2b.reasons.not_now]
back_after = "20 days"
"""


class Handing:
    """ClickUp at both ends, and a mail server."""

    def __init__(self, both: Both, post: Postbox) -> None:
        self.both, self.post = both, post

    def told(self, who: str) -> list[str]:
        """The subjects of the mail to one person, without whom it is about."""
        return [str(one["Subject"]).replace("?", ":").split(":")[0] for one in self.post.to(who)]

    def says(self, request: str, **answers: object) -> None:
        """A rep sends the form of feedback."""
        link = f"https://app.clickup.com/t/{self.both.task(request).id}"
        edit(self.both.space, {"do": "submit", "list": FEEDBACK, "answers": {"Lead": link, **answers}})

    def due(self, request: str) -> datetime:
        """The date that stands in the task."""
        return datetime.fromtimestamp(int(self.both.task(request).due_date or 0) / 1000, UTC)

    def events(self, request: str) -> list[HandoffEvent]:
        """What happened to the latest handoff of a request."""
        id = self.both.handoff(request).id
        with self.both.app.store.read() as tx:
            return tx.handoff_events.of_handoffs([id]).get(id, [])


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handing]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with mail_server(Postbox()) as post:
        monkeypatch.setenv("BATON_SECRET_MAIL_SERVER", post.url)
        with both(tmp_path, settings=SETTINGS) as made:
            furnish_beside(made.space)
            made.sync()
            yield Handing(made, post)


def handed_over(one: Handing) -> tuple[str, str]:
    """Ana's request, which is Lena's, and Bo's, which is Tom's."""
    requests = []
    for answers in ({}, BO):
        requests.append(one.both.submits(**answers))
        one.both.sync()
    ana, bo = requests
    return ana, bo


def test_rejected_in_a_form_back_by_another_form_and_won(one: Handing) -> None:
    ana, bo = handed_over(one)
    (task, other) = one.both.tasks()
    assert (one.both.handoff(ana).owner, one.both.handoff(bo).owner) == (LENA, TOM)
    assert (one.told(LENA), one.told(TOM)) == (["Hot lead"], ["Hot lead"])
    assert one.due(ana) == one.both.handoff(ana).due_at
    assert "Spoken to before" not in task.description

    # Lena's form ends Ana's clock; Tom is reminded once, and notes time in time.
    answers = {"Verdict": "Rejected", "Rejection reason": "Not now", "Lead quality": 3, "Comment": "Budget in spring"}
    one.says(ana, **answers)
    one.both.sync(20 * MINUTE)
    one.both.sync(MINUTE)
    given = one.both.handoff(ana)
    assert (one.both.lead(ana).stage, given.state, given.reason, given.rating, given.words) == (
        "rejected", "closed", "not_now", 3, "Budget in spring",
    )  # fmt: skip
    assert (one.told(LENA), one.told(TOM)) == (["Hot lead"], ["Hot lead", "To be contacted"])
    one.both.acts("spend", id=other.id, by=TOM, minutes=5)
    one.both.says(other, status="対応中")
    one.both.sync(2 * HOUR)
    assert one.told(TOM)[2:] == ["How good was this lead"]
    assert "breached" not in {event.kind for event in one.events(bo)}

    # She is away until her time has come: then by what she does now, not by what was rejected.
    one.both.sync(19 * DAY)
    assert one.both.lead(ana).stage == "rejected"
    one.both.sync(2 * DAY)
    assert (one.both.lead(ana).stage in ("known", "warm"), one.told(LENA)[1:]) == (True, ["Back again"])
    again = one.both.submits(Timing="This year")
    one.both.sync()
    one.both.sync()
    assert one.both.lead(again).id == one.both.lead(ana).id
    assert one.both.tasks() == [task, other]
    (comment,) = task.comments
    for said in (comment.text, one.post.to(LENA)[2].get_content()):
        assert f'{LENA} · rejected: not now · "Budget in spring" · rated 3 of 5' in said
        assert "Timing: This year" in said
    assert (one.told(LENA)[2:], one.due(again)) == (["Hot lead"], one.both.handoff(again).due_at)
    assert one.both.handoff(again).id not in (given.id, one.both.handoff(bo).id)

    one.both.clock.move(60)
    one.both.acts("comment", id=task.id, by=LENA, text="Call: wants an offer")
    for status, stage in (("対応中", "sal"), ("商談化", "opportunity"), ("受注", "won")):
        one.both.says(task, status=status)
        assert one.both.lead(again).stage == stage
    one.both.sync(2 * DAY)
    given = one.both.handoff(again)
    assert (given.state, given.contacted_at is not None, given.reason, given.rating) == ("closed", True, "", None)
    assert {event.kind for event in one.events(again)}.isdisjoint({"reminded", "breached"})
    assert one.told(LENA)[3:] == ["How good was this lead"]
    # Bo was taken up, and left there: that is told once.
    assert one.told(TOM)[3:] == ["No progress"]
    assert one.both.notices() == []
    assert one.both.outbox("dead", "parked", "unknown", "waiting") == []


def test_a_list_where_there_are_none_is_told_before(
    one: Handing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def doubts() -> list[str]:
        told = CliRunner().invoke(baton, ["check"]).stdout.splitlines()
        return [row.partition(": ")[2] for row in told if "no lists" in row]

    # The shipped criteria name a list of their own.
    assert doubts() == []
    one.both.settings += 'list = "Later"\n'
    one.both.reopen()
    (doubt,) = doubts()
    assert doubt.startswith("config.toml:")
    assert "flows.b2b.reasons.not_now.list: clickup" in doubt
