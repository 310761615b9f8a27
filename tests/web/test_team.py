"""A manager's room: clocks, load, absence, and leads given on; whose teams are nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.logins import User
from connector.runs.absences import absences_to_come
from tests.line import Line
from tests.web.desk import LENA, Desk

PETRA = User("petra@northwind.example", "Petra", ("manager",))
TEAMS = """
[teams.others]
manager = "otto@northwind.example"
members = [{ email = "ines@northwind.example" }]
"""


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk", flow='clock = { contact = { hot = "30 min", other = "4 hours" } }')
    text = (tmp_path / "config.toml").read_text("utf-8")
    mine = '[teams.sales]\nmanager = "petra@northwind.example"\n'
    made.reopen(text.replace("[teams.sales]\n", mine) + TEAMS)
    for number in (1, 2, 3):
        made.person(number)
        made.did(number, "demo_request")
    made.sync()
    yield made
    made.app.close()


class TestTeam:
    def test_a_manager_sees_their_own_teams_with_clocks_and_load(self, line: Line) -> None:
        desk = Desk(line.app, PETRA)
        page = desk.get("/team")
        assert "lena@northwind.example" in page
        assert "ines@northwind.example" not in page
        assert "Nothing is overdue." in page
        line.now += timedelta(hours=6)
        late = desk.get("/team")
        assert late.count('<span class="mark hot">') == 3
        for handoff in line.handoffs("open"):
            assert f"/leads/{handoff.lead_id}" in late

    def test_who_stands_in_for_a_manager_sees_the_team(self, line: Line) -> None:
        text = (line.folder / "config.toml").read_text("utf-8")
        manager = 'manager = "petra@northwind.example"\n'
        line.reopen(text.replace(manager, f'{manager}deputy = "otto@northwind.example"\n'))
        page = Desk(line.app, User("otto@northwind.example", "Otto", ("manager",))).get("/team")
        assert "lena@northwind.example" in page

    def test_a_rep_has_no_such_room(self, line: Line) -> None:
        desk = Desk(line.app, LENA)
        desk.get("/team", 403)
        assert "/team" not in desk.get("/inbox")

    def test_an_absence_is_written_down_and_ended(self, line: Line) -> None:
        desk = Desk(line.app, PETRA)
        said: dict[str, Any] = {
            "email": LENA.email,
            "since": "2026-11-24",
            "until": "2026-11-25",
            "deputy": "tom@northwind.example",
        }
        assert desk.act("/team/absences", "/team", **said) == "/team"
        [kept] = absences_to_come(line.app.runtime())
        # Days are Berlin's: the last one ends at its midnight.
        assert (kept.start.isoformat(), str(kept.end)) == ("2026-11-23T23:00:00+00:00", "2026-11-25 23:00:00+00:00")
        assert (kept.email, kept.deputy, kept.by) == (LENA.email, "tom@northwind.example", PETRA.email)
        assert "lena@northwind.example is away" in desk.get("/team")
        desk.act(f"/team/absences/{kept.id}/end", "/team")
        assert absences_to_come(line.app.runtime()) == []
        assert "there again" in desk.get("/team")
        desk.act(f"/team/absences/{kept.id}/end", "/team")
        assert "over already" in desk.get("/team")

    @pytest.mark.parametrize(
        ("said", "answer"),
        [
            ({"email": "ines@northwind.example"}, "somebody of your teams"),
            ({"email": LENA.email, "deputy": "nobody@northwind.example"}, "somebody of your teams"),
            ({"email": LENA.email, "deputy": LENA.email}, "for themselves"),
            ({"email": LENA.email, "until": "soon"}, "such as 2026-12-24"),
            ({"email": LENA.email, "since": "9999-12-31", "until": "9999-12-31"}, "such as 2026-12-24"),
            ({"email": LENA.email, "until": "2026-11-01"}, "nothing was changed"),
        ],
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, line: Line, said: dict[str, Any], answer: str) -> None:
        desk = Desk(line.app, PETRA)
        desk.act("/team/absences", "/team", **said)
        assert answer in desk.get("/team")
        assert absences_to_come(line.app.runtime()) == []

    def test_an_absence_of_another_team_is_not_ended_here(self, line: Line) -> None:
        otto = Desk(line.app, User("otto@northwind.example", "Otto", ("manager",)))
        otto.act("/team/absences", "/team", email="ines@northwind.example")
        [kept] = absences_to_come(line.app.runtime())
        Desk(line.app, PETRA).act(f"/team/absences/{kept.id}/end", "/team", status=404)
        assert absences_to_come(line.app.runtime()) == [kept]

    def test_leads_are_looked_at_first_and_then_given_on(self, line: Line) -> None:
        desk, before = Desk(line.app, PETRA), line.handoffs("open")
        hers = [one for one in before if one.owner == LENA.email]
        look = desk.get("/team/give-on?owner=lena@northwind.example")
        assert look.count("<td>tom@northwind.example</td>") == len(hers)
        assert line.handoffs("open") == before
        desk.act("/team/give-on", "/team", owner=LENA.email)
        assert {one.owner for one in line.handoffs("open")} == {"tom@northwind.example"}
        assert f"{len(hers)} of {len(hers)} leads were given on" in desk.get("/team")

    def test_leads_of_another_team_are_not_given_on(self, line: Line) -> None:
        desk = Desk(line.app, PETRA)
        desk.get("/team/give-on?owner=ines@northwind.example", 404)
        desk.act("/team/give-on", "/team", owner="ines@northwind.example")
        assert "nothing was changed" in desk.get("/team")
