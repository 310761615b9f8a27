"""The dashboard: the same numbers as the command line, in pages, files and pictures that harm nobody."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.logins import User
from connector.model.ports import CriteriaVersion
from connector.model.roster import Member
from connector.model.stages import Transition
from connector.reporting.pack import pack_of
from connector.reporting.periods import period_of
from connector.web.charts import Chart, Series, drawn
from tests.line import START, Line
from tests.web.desk import Desk

MAX = User("max@northwind.example", "Max", ("marketing",))
REP = User("lena@northwind.example", "Lena", ("rep",))
HOUR = timedelta(hours=1)
EVIL = '=1+1"><script>alert(1)</script>'


def add(tx: Any, number: int) -> None:
    """A lead of sixty: forty from search; half of all are accepted, nine win."""
    entered = START - timedelta(days=70) + number * 27 * HOUR
    accepted, won = number % 2 == 0, number % 6 == 0 and number < 54
    source = EVIL if number % 10 == 9 else "search" if number % 3 else "fair"
    owner = ("lena" if number % 4 else "tom") + "@northwind.example"
    lead = Lead(
        fields={"source": source, "campaign": f"c{number % 2}", "company.employees": 9 if number < 30 else 1000},
        stage="won" if won else "sal" if accepted else "mql", flow="b2b", owner=owner if accepted else "",
    )  # fmt: skip
    tx.intake.add_leads([lead], entered)
    moves = [("mql", 0, "one" if number < 20 else "two")]
    moves += [("sal", 24, "")] if accepted else []
    moves += [("won", 24 * 11, "")] if won else []
    tx.scores.add_transitions(
        [
            Transition(lead.id, "b2b", None, stage, entered + hours * HOUR, "baton", "x", version)  # type: ignore[arg-type]
            for stage, hours, version in moves
        ]
    )
    contacted = entered + 12 * HOUR if accepted else None
    closed = None if accepted or number % 3 else entered + 30 * HOUR
    tx.handoffs.add(
        [
            Handoff(
                lead.id, "b2b", "mql", "closed" if closed else "open", entered, "v", owner=owner, team="sales",
                opened_at=entered, due_at=entered + 8 * HOUR if number % 4 else entered + 20 * HOUR,
                contacted_at=contacted, closed_at=closed, reason="too_small" if closed else "", worked=4 * 3600,
            )
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    made = Line(tmp_path_factory.mktemp("dashboard"))
    with made.app.store.write() as tx:
        for number in range(60):
            add(tx, number)
        for days, version, threshold in ((80, "one", 40), (45, "two", 50)):
            text = f'required = ["email"]\n\n[gates.mql]\nfrom = {threshold}\n'
            at = START - timedelta(days=days)
            tx.ledgers.add_criteria(CriteriaVersion("b2b", version, text, "petra@northwind.example", "fewer", at))
    yield made
    made.app.close()


@pytest.fixture
def desk(line: Line) -> Desk:
    return Desk(line.app)


def told(line: Line, *words: str) -> dict[str, Any]:
    """What the command says of the same store."""
    from connector.cli.root import baton

    found = CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), *words, "--output", "json"])
    assert found.exit_code == 0, found.output
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def document(desk: Desk, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(desk.get(path))
    return answer


def rows_of(answer: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(one["rows"] for one in answer["tables"] if one["name"] == table)
    return rows


@pytest.mark.parametrize("definition", ["strict", "any"])
@pytest.mark.parametrize("by", ["source", "owner", "version", "cohort"])
def test_the_funnel_says_what_the_command_says(line: Line, desk: Desk, definition: str, by: str) -> None:
    said = told(line, "funnel", "--by", by, "--definition", definition, "--since", "2026-09-20")
    shown = document(desk, f"/dashboard/funnel.json?by={by}&definition={definition}&first=2026-09-20")
    stages = [
        {key: one[key] for key in ("reached", "of_previous", "of_first", "to_next", "here")}
        for one in said["whole"]["steps"]
    ]
    assert [{key: row[key] for key in stages[0]} for row in rows_of(shown, "stages")] == stages
    assert [row["leads"] for row in rows_of(shown, "slices")] == [one["leads"] for one in said["parts"]]
    assert [row["of_first"] for row in rows_of(shown, "slices")] == [
        one["steps"][-1]["of_first"] for one in said["parts"]
    ]


@pytest.mark.parametrize(
    ("query", "leads"),
    [
        ("campaign=c1", 30), ("segment=1-9", 30), ("owner=tom@northwind.example", 15), ("team=sales", 30),
        ("source=fair", 18), ("source=fair&campaign=c0", 10), ("version=two", 40), ("campaign=none", 0),
        ("flow=b2b", 60),
        ("team=sales&owner=lena@northwind.example", 15), ("first=2026-11-01", 15), ("period=30&first=2026-11-01", 15),
    ],
)  # fmt: skip
def test_each_filter_chooses(desk: Desk, query: str, leads: int) -> None:
    period = "" if "first" in query else "period=all&"
    stages = rows_of(document(desk, f"/dashboard/funnel.json?{period}{query}"), "stages")
    assert (stages[0]["reached"] if stages else 0) == leads


def test_a_page_and_its_files_have_the_same_numbers(desk: Desk) -> None:
    address = "?period=all&by=source"
    page = desk.get(f"/dashboard/funnel{address}")
    rows = list(csv.DictReader(io.StringIO(desk.get(f"/dashboard/funnel.csv{address}&table=slices").lstrip("\ufeff"))))
    shown = rows_of(document(desk, f"/dashboard/funnel.json{address}"), "slices")
    assert [int(row["leads"]) for row in rows] == [row["leads"] for row in shown]
    assert sum(row["leads"] for row in shown) == 60
    for row in shown:
        assert f'<td class="number">{row["leads"]}</td>' in page


def test_no_value_is_run_by_a_browser_or_a_spreadsheet(desk: Desk) -> None:
    for view in ("", "&view=mail"):
        page = desk.get(f"/dashboard/funnel?period=all&by=source{view}")
        assert "<script" not in page
        assert "alert(1)" in page
    text = desk.get("/dashboard/funnel.csv?period=all&by=source&table=slices")
    assert text.startswith("\ufeff")
    assert EVIL.replace('"', '""').join(("\"'", '"')) in text


def test_a_page_obeys_its_own_policy(desk: Desk) -> None:
    page = desk.get("/dashboard/funnel?period=all&by=source")
    assert "<svg" in page
    for forbidden in ("style=", "<style", "<script", "xlink", "onload", "<image", "<foreignObject"):
        assert forbidden not in page
    assert set(re.findall(r'(?:href|src|action)="([^/#][^"]*)"', page)) <= {"#main"}


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("flow=b2c", "did you mean b2b?"), ("period=95", "period=95"), ("owner=nobody@x.example", "owner"),
        ("team=sale", "sales"),        ("segment=12", "segment"), ("definition=loose", "definition"),
        ("by=sorce", "did you mean source?"),
        ("version=zz", "version"), ("first=yesterday", "yesterday"), ("first=2026-11-02&last=2026-11-01", "after"),
        ("first=9999-12-31", "9999-12-31"), ("last=0001-01-01", "0001-01-01"), ("table=none&x=1", ""),
        ("flow=%3Cscript%3E", "&lt;script&gt;"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_clear_line(desk: Desk, query: str, word: str) -> None:
    status = 200 if not word else 400
    assert word in desk.get(f"/dashboard/funnel?{query}", status)
    desk.get(f"/dashboard/funnel.json?{query}", status)
    desk.get(f"/dashboard/funnel.csv?{query}", 400)


NAMES = ("overview", "funnel", "trends", "clocks", "sources", "content", "rejections", "goals", "criteria", "health")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("period", ["90", "all", "last-quarter", "week"])
def test_every_page_has_its_tables_in_every_form(desk: Desk, name: str, period: str) -> None:
    path = "/dashboard" if name == "overview" else f"/dashboard/{name}"
    page = desk.get(f"{path}?period={period}")
    mail = desk.get(f"{path}?period={period}&view=mail")
    answer = document(desk, f"/dashboard/{name}.json?period={period}")
    for table in answer["tables"]:
        text = desk.get(f"/dashboard/{name}.csv?period={period}&table={table['name']}").lstrip("\ufeff")
        assert len(list(csv.reader(io.StringIO(text)))) == len(table["rows"]) + 1
        assert f'id="part-{table["name"]}"' in page
    for forbidden in ("style=", "<style", "<script"):
        assert forbidden not in page + mail


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_store_says_so(tmp_path: Path, name: str) -> None:
    line = Line(tmp_path)
    page = Desk(line.app).get("/dashboard" if name == "overview" else f"/dashboard/{name}?period=all")
    assert "<svg" not in page
    assert 'class="nothing"' in page
    line.app.close()


def test_reps_and_strangers_stay_outside(line: Line) -> None:
    for path in ("", "/funnel", "/clocks.csv", "/trends.json"):
        Desk(line.app, user=REP).get(f"/dashboard{path}", 403)
        assert Desk(line.app, user=None).browser.get(f"/dashboard{path}").status_code == 303
    Desk(line.app).get("/dashboard/nothing", 404)


def test_how_baton_itself_is_concerns_admins(line: Line) -> None:
    for path in ("/dashboard/health", "/dashboard/health.json", "/dashboard/health.csv"):
        Desk(line.app, MAX).get(path, 403)
    assert "/dashboard/health" not in Desk(line.app, MAX).get("/dashboard")


def test_clocks_are_those_of_the_review(line: Line, desk: Desk) -> None:
    period = period_of("monthly", date(2026, 10, 5), line.app.config)
    with line.app.store.read() as tx:
        pack = pack_of(tx, line.app.config, period, line.app.clock()).body
    shown = document(desk, f"/dashboard/clocks.json?first={period.first}&last={period.last}")
    reps = {row["rep"]: row for row in rows_of(shown, "reps")}
    assert {one["owner"]: one["handed_over"] for one in pack["clocks"]} == {
        name: row["handed"] for name, row in reps.items()
    }
    for one in pack["clocks"]:
        row, kept = reps[one["owner"]], one["contacted"]
        assert (row["in_time"], row["late"] + row["never"]) == (kept.get("in time", 0), kept.get("late", 0))
        assert row["worked_median"] in (None, one["median_worked"])
    assert reps["lena@northwind.example"]["worked_median"] == 4 * 3600
    reasons = rows_of(document(desk, f"/dashboard/rejections.json?first={period.first}&last={period.last}"), "reasons")
    assert [row["count"] for row in reasons] == [one["count"] for one in pack["rejections"]]


def test_a_manager_sees_the_reps_of_their_teams(line: Line) -> None:
    manager = User("mia@northwind.example", "Mia", ("manager",))
    assert all(
        table["name"] != "reps" for table in document(Desk(line.app, manager), "/dashboard/clocks.json")["tables"]
    )
    team = replace(line.app.config.teams["sales"], manager=manager.email, members=(Member("tom@northwind.example"),))
    app = replace(line.app, config=replace(line.app.config, teams={"sales": team}))
    shown = document(Desk(app, manager), "/dashboard/clocks.json?period=all")
    assert [row["rep"] for row in rows_of(shown, "reps")] == ["tom@northwind.example"]
    slices = rows_of(document(Desk(app, manager), "/dashboard/funnel.json?period=all&by=owner"), "slices")
    assert [row["slice"] for row in slices] == ["tom@northwind.example"]


def test_weeks_add_up_to_the_whole(desk: Desk) -> None:
    whole = rows_of(document(desk, "/dashboard/funnel.json?period=all&definition=any"), "stages")
    for each in ("week", "month"):
        came = rows_of(document(desk, f"/dashboard/trends.json?period=all&definition=any&each={each}"), "came")
        for stage in whole:
            name = {"MQL": "mql", "SAL": "sal", "won": "won"}[stage["stage"]]
            assert sum(row[name] for row in came) == stage["reached"]


def test_sources_tell_what_became_of_leads(desk: Desk) -> None:
    rows = {row["source"]: row for row in rows_of(document(desk, "/dashboard/sources.json?period=all"), "source")}
    assert {name: row["mql"] for name, row in rows.items()} == {"search": 36, "fair": 18, EVIL: 6}
    assert (rows["fair"]["won"]["hits"], rows["search"]["won"]["hits"]) == (9, 0)
    assert sum(row["rejected"]["hits"] for row in rows.values()) == 10
    assert rows[EVIL]["won"]["value"] is None


def test_changes_of_criteria_stand_on_the_time_line(desk: Desk) -> None:
    answer = document(desk, "/dashboard/criteria.json?period=all")
    [change] = rows_of(answer, "changes")
    assert (change["version"], change["note"], change["what"]) == ("two", "fewer", "gates.mql changed")
    assert sum(row["changes"] for row in rows_of(answer, "line")) == 1
    assert "tone-mark" in desk.get("/dashboard/criteria?period=all")


def test_wide_letters_at_the_left_of_a_chart_have_room() -> None:
    def left(label: str) -> float:
        svg = str(drawn(Chart("bars", "why", [label, "x"], [Series("rejections", [2, 1])])))
        return float(svg.partition("translate(")[2].partition(",")[0])

    assert left("時期尚早です") > left("abcdef") + 20


def test_goals_are_those_of_the_command(tmp_path: Path) -> None:
    line = Line(tmp_path)
    asked = 'count = "mql", at_least = 30, per = "month", owner = "petra@northwind.example"'
    text = (tmp_path / "config.toml").read_text("utf-8") + f"\n[goals.'Leads 件数']\n{asked.replace(', ', chr(10))}\n"
    line.reopen(text)
    with line.app.store.write() as tx:
        for number in range(60):
            add(tx, number)
    [said] = told(line, "goals")["goals"]
    answer = document(Desk(line.app), "/dashboard/goals.json")
    [row] = rows_of(answer, "goals")
    so_far = f"{said['figures']['value']:.0f}"
    assert (row["goal"], row["so_far"], row["asked"]) == ("Leads 件数", so_far, "at least 30")
    past = rows_of(answer, "past-leads-件数")
    assert [one["span"] for one in past] == [*(one["name"] for one in said["past"]), said["span"]["name"]]
    assert [one["span"] for one in past] == sorted(one["span"] for one in past)
    assert [one["value"] for one in past[:-1]] == [one["value"] for one in said["past"]]
    page = Desk(line.app).get("/dashboard/goals")
    assert "<svg" in page
    named = Desk(line.app).browser.get("/dashboard/goals.csv?table=past-leads-%E4%BB%B6%E6%95%B0")
    assert named.status_code == 200
    assert named.headers["content-disposition"].isascii()
    assert "past-leads-%E4%BB%B6%E6%95%B0" in named.headers["content-disposition"]
    assert "Leads" in Desk(line.app).get("/dashboard")
    line.app.close()


def test_what_was_seen_counts_whom_it_led_on(tmp_path: Path) -> None:
    line = Line(tmp_path)
    with line.app.store.write() as tx:
        leads = [Lead() for _ in range(12)]
        tx.intake.add_leads(leads, START)
        at = START - timedelta(days=2)
        seen = [(lead.id, n) for n, lead in enumerate(leads)] + [(leads[0].id, 90)]
        tx.intake.add_activities(
            [Activity("portal", f"see{n}", "p", at, "download", "pricing", "guide", lead_id=id) for id, n in seen]
        )
        after = [Transition(lead.id, "other", None, "mql", START, "baton", "x") for lead in leads[:3]]
        before = [Transition(lead.id, "other", None, "mql", at - HOUR, "baton", "x") for lead in leads[3:5]]
        tx.scores.add_transitions([*after, *before])
    answer = document(Desk(line.app), "/dashboard/content.json?period=week")
    line.app.close()
    for table in ("item", "topic"):
        [row] = rows_of(answer, table)
        assert (row["views"], row["people"], row["mql"]["hits"]) == (13, 12, 3)


def test_what_was_seen_under_two_topics_and_again_later_counts_a_person_once(tmp_path: Path) -> None:
    line = Line(tmp_path)
    came, at = START - timedelta(days=1), START - timedelta(days=2)
    with line.app.store.write() as tx:
        leads = [Lead() for _ in range(12)]
        tx.intake.add_leads(leads, START)
        seen = [(lead.id, "pricing", at) for lead in leads[:10]] + [(lead.id, "safety", at) for lead in leads[8:]]
        # One came in between and sees it again; another saw it under pricing only once they had come.
        seen += [(leads[0].id, "pricing", START - HOUR), (leads[10].id, "pricing", START - HOUR)]
        tx.intake.add_activities(
            [
                Activity("portal", f"see{n}", "p", when, "download", topic, "guide", lead_id=id)
                for n, (id, topic, when) in enumerate(seen)
            ]
        )
        mql = [Transition(lead.id, "other", None, "mql", came, "baton", "x") for lead in (leads[0], *leads[8:11])]
        won = [Transition(lead.id, "other", "mql", "won", START, "baton", "x") for lead in leads[9:11]]
        tx.scores.add_transitions([*mql, *won])
    answer = document(Desk(line.app), "/dashboard/content.json?period=week")
    line.app.close()
    found = [
        (row[of], row["views"], row["people"], row["mql"]["hits"], row["won"]["hits"])
        for of in ("item", "topic")
        for row in rows_of(answer, of)
    ]
    assert found == [("guide", 16, 12, 4, 2), ("pricing", 12, 11, 3, 2), ("safety", 4, 4, 3, 2)]


def test_marketing_sees_no_numbers_of_a_rep(line: Line) -> None:
    desk = Desk(line.app, MAX)
    desk.get("/dashboard/funnel?by=owner", 400)
    desk.get("/dashboard/funnel?owner=lena@northwind.example", 400)
    assert "lena@" not in desk.get("/dashboard/funnel?period=all")


def test_a_mail_stands_alone(desk: Desk) -> None:
    answer = desk.browser.get("/dashboard/funnel?period=all&view=mail")
    assert "attachment" in answer.headers["content-disposition"]
    for forbidden in ("<form", "<link", "<img", "<svg", "style=", "href="):
        assert forbidden not in answer.text
    assert "15.0 %" in answer.text


class TestDrawing:
    CHART = Chart("line", "Leads", ["a", "b"], [Series("x & <y>", [1, 2]), Series("z", [None, 3], "bad")])

    def test_one_chart_is_one_text(self) -> None:
        assert drawn(self.CHART) == drawn(self.CHART)

    @pytest.mark.parametrize("kind", ["bars", "columns", "stacked", "line"])
    def test_it_is_svg_of_few_elements(self, kind: Any) -> None:
        made = ElementTree.fromstring(drawn(Chart(kind, "t", ["<b>", "c"], self.CHART.series)))
        names = {one.tag.rpartition("}")[2] for one in made.iter()}
        assert names <= {"svg", "g", "rect", "path", "circle", "text", "title"}
        assert {key for one in made.iter() for key in one.attrib} <= {
            "viewBox", "class", "transform", "x", "y", "width", "height", "rx", "ry", "d", "cx", "cy", "r",
            "text-anchor", "aria-hidden", "focusable",
        }  # fmt: skip
        assert "tone-bad" in ElementTree.tostring(made, encoding="unicode")

    def test_imports_are_left_as_they_were(self) -> None:
        drawn(self.CHART)
        assert all(hasattr(one, "find_spec") for one in sys.meta_path)

    def test_nothing_but_nought_is_nothing_to_draw(self) -> None:
        assert Chart("bars", "t", ["a"], [Series("x", [0])]).is_empty
        assert not self.CHART.is_empty
