"""What a rep is told of how soon they got in touch: theirs alone, on both clocks, against what was agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.logins import User
from connector.model.ports import Handed, Transaction
from connector.web import own_times
from connector.web.visit import Visit
from tests.line import Line
from tests.web.desk import LENA, Desk

TOM = User("tom@northwind.example", "Tom", ("rep",))
PETRA = User("petra@northwind.example", "Petra", ("manager",))
HEAD = 'id="times"'
HOUR = timedelta(hours=1)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    text = (tmp_path / "config.toml").read_text("utf-8")
    made.reopen(text.replace("[teams.sales]\n", '[teams.sales]\nmanager = "petra@northwind.example"\n'))
    yield made
    made.app.close()


def given(line: Line, *numbers: int) -> None:
    for number in numbers:
        line.person(number)
        line.did(number, "demo_request")
    line.sync()


def contact(line: Line, user: User, hours: float) -> None:
    """Whoever has a lead that nobody got in touch with does, so long after the handoff, whatever the time is then."""
    handoff = next(one for one in line.handoffs("open") if one.owner == user.email and one.contacted_at is None)
    assert handoff.opened_at is not None
    line.now = max(line.now, handoff.opened_at + hours * HOUR)
    page = f"/leads/{handoff.lead_id}"
    at = (handoff.opened_at + hours * HOUR).isoformat()
    Desk(line.app, user).act(f"{page}/touch", page, handoff=handoff.id, kind="call", once=f"a{handoff.id}", at=at)


def told(line: Line, user: User, path: str = "/inbox") -> str:
    """The section, in one line; "" where there is none."""
    page = Desk(line.app, user).get(path)
    return " ".join(page.partition(HEAD)[2].partition("</section>")[0].split()) if HEAD in page else ""


def test_it_is_the_median_on_both_clocks_and_what_was_in_time(line: Line) -> None:
    given(line, *range(1, 7))
    for hours in (0.25, 15, 26):
        contact(line, LENA, hours)
    said = told(line, LENA)
    # From 9 in the morning to midnight, of which 9 to 18 are working hours.
    assert "<dt>contacted in time</dt><dd>1 of 3</dd>" in said
    assert '<dd>15 hours <span class="soft">of 3</span></dd>' in said
    assert "<dt>the same in working time</dt><dd>9 hours</dd>" in said
    assert "<dt>agreed</dt><dd>4 working hours, hot: 30 working min</dd>" in said


def test_it_is_only_ones_own(line: Line) -> None:
    given(line, 1, 2)
    contact(line, LENA, 0.25)
    assert "15 min" in told(line, LENA)
    assert "agreed" in told(line, TOM)
    assert "median" not in told(line, TOM)
    assert "contacted in time" not in told(line, TOM)
    assert told(line, PETRA) == ""
    assert told(line, replace(TOM, email="new@northwind.example")) == ""


def test_a_manager_sees_those_of_their_team(line: Line) -> None:
    given(line, 1, 2)
    contact(line, LENA, 2)
    assert "2 hours" in told(line, PETRA, "/inbox?of=lena@northwind.example")
    Desk(line.app, TOM).get("/inbox?of=lena@northwind.example", 404)


def test_what_is_older_than_30_days_does_not_count(line: Line) -> None:
    given(line, 1, 2)
    contact(line, LENA, 2)
    line.now += timedelta(days=31)
    assert told(line, LENA) == ""


def test_nothing_is_said_where_nobody_hears_of_contacts(tmp_path: Path) -> None:
    away = Line(tmp_path, crm_settings='crm_streams = ["user", "lead"]\n')
    given(away, 1, 2)
    assert told(away, LENA) == ""
    away.app.close()


def test_it_is_counted_once_in_half_a_minute_for_all(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, by = [], own_times._by_owner

    def counting(visit: Visit, tx: Transaction) -> dict[str, list[Handed]]:
        counted.append(1)
        return by(visit, tx)

    monkeypatch.setattr(own_times, "_by_owner", counting)
    given(line, 1, 2)
    desk = Desk(line.app, LENA)
    for user in (LENA, TOM, LENA):
        desk.user = user
        desk.get("/inbox")
    assert len(counted) == 1
    line.now += timedelta(seconds=30)
    desk.get("/inbox")
    assert len(counted) == 2
