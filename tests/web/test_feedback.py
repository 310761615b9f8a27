"""Marketing's room: what sales said, in their own words, escaped, chosen by filters and turned over by pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.logins import User
from connector.reporting.pack import pack_of
from connector.reporting.periods import period_of
from connector.runs import desk_acts
from connector.web.rooms import feedback
from tests.line import Line
from tests.web.desk import LENA, Desk

MIA = User("mia@northwind.example", "Mia", ("marketing",))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    for number, campaign in ((1, "fair"), (2, "fair"), (3, "mail")):
        made.person(number, campaign=campaign)
        made.did(number, "demo_request")
    made.sync()
    yield made
    made.app.close()


def act(line: Line) -> None:
    """The first is rejected in words, the second called late, the third not at all."""
    first, second, _third = sorted(line.handoffs("open"), key=lambda one: one.lead_id)
    given = line.app.runtime(), line.app.rows
    desk_acts.reject(*given, first.id, first.owner, "wrong_fit", "<b>students</b> only")
    line.now += timedelta(days=5)
    desk_acts.touch(*given, second.id, second.owner, "call", "a1")


def test_marketing_reads_what_sales_said_and_reps_do_not(line: Line) -> None:
    act(line)
    page = Desk(line.app, MIA).get("/feedback")
    assert "does not fit" in page
    assert "<q>&lt;b&gt;students&lt;/b&gt; only</q>" in page
    assert page.count('<span class="bad">late</span>') == 2
    assert "3 leads" in page
    Desk(line.app, LENA).get("/feedback", 403)


@pytest.mark.parametrize(
    ("query", "count"), [("only=rejected", 1), ("campaign=fair", 2), ("campaign=fair&only=overdue", 1), ("only=x", 3)]
)
def test_filters_choose(line: Line, query: str, count: int) -> None:
    act(line)
    assert Desk(line.app, MIA).get(f"/feedback?{query}").count('<th scope="row">') == count


def test_a_deal_that_was_lost_was_not_given_back(line: Line) -> None:
    act(line)
    third = sorted(line.handoffs("open"), key=lambda one: one.lead_id)[-1]
    given = line.app.runtime(), line.app.rows
    desk_acts.accept(*given, third.id, third.owner)
    desk_acts.put_deal(*given, third.id, third.owner, "lost", desk_acts.Deal(), "competitor")
    desk = Desk(line.app, MIA)
    assert "competitor" in desk.get("/feedback")
    assert desk.get("/feedback?only=rejected").count('<th scope="row">') == 1
    [row] = desk.browser.get("/dashboard/rejections.json?period=all").json()["tables"][0]["rows"]
    assert (row["reason"], row["count"]) == ("does not fit", 1)
    with line.app.store.read() as tx:
        period = period_of("monthly", line.now.date(), line.app.config)
        assert [one["reason"] for one in pack_of(tx, line.app.config, period, line.now).body["rejections"]] == [
            "wrong_fit"
        ]


def test_pages_turn_over(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "AT_ONCE", 2)
    desk = Desk(line.app, MIA)
    first, second = desk.get("/feedback?campaign=&page=1"), desk.get("/feedback?page=2")
    assert ("Older" in first, "Newer" in first, "Older" in second, "Newer" in second) == (True, False, False, True)
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (2, 1)
    for odd in ("0", "-1", "x", "99999999"):
        desk.get(f"/feedback?page={odd}")
