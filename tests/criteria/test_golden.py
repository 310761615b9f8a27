"""`baton criteria test`: golden leads under a frozen clock, as the page shows them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton

PAGE = (Path(__file__).parents[2] / "docs" / "admin" / "golden-leads.md").read_text("utf-8")
FLOW, LEADS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SAID, SAID_AFTER = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
BASE = """
timezone = "Europe/Berlin"
connections.exports = { type = "files", contacts = "contacts.csv" }
connections.desk = { type = "desk" }
teams.sales.members = [{ email = "lena@northwind.example" }]
"""
SOURCES = '[flows.b2b]\nsources = ["exports"]\ncrm = "desk"\n'
ROUTING = '[flows.b2b.routing]\norder = [{ to = "sales" }]\n'
RAISED = FLOW.replace("points = 5,", "points = 10,")


def write(folder: Path, *, flow: str = FLOW, leads: str = LEADS, head: str = "", routing: str = ROUTING) -> None:
    (folder / "config.toml").write_text(BASE + flow.replace("[flows.b2b]\n", SOURCES + head) + routing, "utf-8")
    (folder / "leads.toml").write_text(leads, "utf-8")


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(baton, ["--config", str(folder / "config.toml"), "criteria", "test", *words])


def one(expect: str, *, fields: str = "", did: str = "", more: str = "") -> str:
    """A file with one lead."""
    return (
        f'[[lead]]\nname = "One"\nat = 2026-12-07T09:00:00Z\nfields = {{ {fields} }}\ndid = [{did}]\n'
        f"{more}\nexpect = {{ {expect} }}\n"
    )


DIRECTOR = 'email = "ana@large.example", job_level = "director", company.employees = 600'
DEMO = '{ kind = "demo_request", ago = "1 day" }'


def test_the_page_says_what_comes_of_its_leads(tmp_path: Path) -> None:
    write(tmp_path)
    done = run(tmp_path)
    assert (done.exit_code, done.output) == (0, SAID)


def test_a_changed_rule_is_told_with_the_points_and_ends_with_1(tmp_path: Path) -> None:
    write(tmp_path, flow=RAISED)
    done = run(tmp_path)
    assert (done.exit_code, done.output) == (1, SAID_AFTER)


def test_json_has_differences_and_points(tmp_path: Path) -> None:
    write(tmp_path, flow=RAISED)
    done = run(tmp_path, "--output", "json")
    found = json.loads(done.output)
    assert (done.exit_code, found["failed"]) == (1, 1)
    (failed,) = [lead for lead in found["leads"] if not lead["passed"]]
    assert failed["differences"] == [
        {"what": "total", "expected": "15", "got": "30"},
        {"what": "stage", "expected": "known", "got": "warm"},
    ]
    assert sum(line["points"] for line in failed["got"]["points"]) == failed["got"]["total"] == 30


def test_junit_has_a_case_for_each_lead_and_a_failure_where_one_differs(tmp_path: Path) -> None:
    write(tmp_path, flow=RAISED)
    done = run(tmp_path, "--junit", str(tmp_path / "golden.xml"))
    suite = ElementTree.parse(tmp_path / "golden.xml").getroot()
    assert done.exit_code == 1
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("3", "1")
    (failed,) = [case for case in suite if case.find("failure") is not None]
    assert (failed.attrib["name"], failed.attrib["classname"]) == ("Student who reads everything", "b2b")
    failure = failed.find("failure")
    assert failure is not None
    assert "expected 15, got 30" in failure.attrib["message"]
    assert "Case study read" in str(failure.text)


@pytest.mark.parametrize(
    ("expect", "more"),
    [
        ('stage = "mql", missing = []', ""),
        ('to = "sales"', ""),
        ('flow = "b2b"', ""),
        ("fit = 25, intent = 24, engagement = 0", ""),
        ("total = { at_most = 49, at_least = 49 }", ""),
        ('stage = "mql"', 'stage = "mql"'),
    ],
)
def test_what_holds_is_as_asked(tmp_path: Path, expect: str, more: str) -> None:
    write(tmp_path, leads=one(expect, fields=DIRECTOR, did=DEMO, more=more))
    assert run(tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ('stage = "warm"', "stage: expected warm, got mql"),
        ("hot = false", "hot: expected false, got true"),
        ("total = 50", "points in all: expected 50, got 49"),
        ("total = { at_least = 60 }", "points in all: expected >= 60, got 49"),
        ("fit = { at_least = 30, at_most = 40 }", "points from fit: expected >= 30 <= 40, got 25"),
        ('grade = "B1"', "grade: expected B1, got A1"),
        ('rules = ["Case study read"]', "must give points: Case study read"),
        ('not_rules = ["Asked for a demo"]', "must give none: Asked for a demo"),
        ('to = ""', "goes to: expected nothing, got sales"),
        ('to = "lena@northwind.example"', "goes to: expected lena@northwind.example, got sales"),
        ('flow = ""', "flow: expected nothing, got b2b"),
        ('missing = ["country"]', "lacks: expected country, got nothing"),
    ],
)
def test_every_expectation_can_fail(tmp_path: Path, expect: str, told: str) -> None:
    write(tmp_path, leads=one(expect, fields=DIRECTOR, did=DEMO))
    done = run(tmp_path)
    assert done.exit_code == 1
    assert told in done.output


def test_required_fields_takes_and_the_account_owner_count(tmp_path: Path) -> None:
    head = 'takes = { field = "email_class", is_not = "free" }\n'
    routing = (
        '[flows.b2b.routing]\norder = [{ when = { has = "account owner" }, to = "account owner" }, { to = "sales" }]\n'
    )
    lacks = one('stage = "known", missing = ["country"], to = "account owner"', fields=DIRECTOR, did=DEMO,
                more='account_owner = "karl@northwind.example"')  # fmt: skip
    asks = FLOW.replace('["email"]', '["email", "country"]')
    write(tmp_path, flow=asks, head=head, routing=routing, leads=lacks)
    assert run(tmp_path).output.endswith("1 golden lead, as asked\n")
    write(tmp_path, head=head, leads=one('flow = ""', fields='email = "ana@gmail.com"'))
    assert run(tmp_path).exit_code == 0
    write(tmp_path, head=head, leads=one('stage = "mql"', fields='email = "ana@gmail.com"', more='flow = "b2b"'))
    assert "flow: expected any flow, got nothing" in run(tmp_path).output


def test_an_mql_stays_one_until_mql_ends_holds(tmp_path: Path) -> None:
    ends = FLOW + 'mql_ends = { score = "total", below = 20 }\n'
    for fields, stage in (
        ('job_level = "director", company.employees = 600', "mql"),
        ('job_level = "director"', "known"),
    ):
        write(tmp_path, flow=ends, leads=one(f'stage = "{stage}"', fields=fields, more='stage = "mql"'))
        assert run(tmp_path).exit_code == 0, stage


def test_changed_fields_and_content_count(tmp_path: Path) -> None:
    flow = FLOW + '[flows.b2b.conditions]\nmoved = { changed = ["job_title"], within = "10 days" }\n'
    flow = flow.replace('hot     = { grade = "A1" }', 'hot = "moved"')
    (tmp_path / "content.toml").write_text(
        '[[content]]\ntitle = "Acme"\nlink = "https://northwind.example/acme"\ntopic = "case-study"\n', "utf-8"
    )
    read = '{ kind = "download", url = "https://northwind.example/acme", ago = "1 day" }'
    for ago, hot in (("5 days", "true"), ("11 days", "false")):
        leads = one(f"hot = {hot}, engagement = 5", did=read, more=f'changed = {{ job_title = "{ago}" }}')
        write(tmp_path, flow=flow, leads=leads)
        assert run(tmp_path).exit_code == 0, ago


FAULTY = """\
at = 2026-12-07T09:00:00Z
[[lead]]
name = "One"
flow = "b2c"
fields = { job_levle = "director", job_level = "boss", company.employees = "many" }
did = [{ kind = "demo_requets", ago = "1 day" }, { kind = "download" }]
expect = { stage = "hot", totl = 5 }
[[lead]]
name = "One"
did = [{ kind = "download", ago = "soon" }]
expect = { rules = ["Asked for a dem"], to = "sals", grade = "Z9" }
"""


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    write(tmp_path, leads=FAULTY)
    done = run(tmp_path)
    assert done.exit_code == 2
    told = [line.partition("leads.toml:")[2] for line in done.output.splitlines()]
    lines = [int(line.split(":")[0]) for line in told]
    assert lines == [4, 5, 5, 5, 6, 6, 7, 7, 9, 10, 11, 11, 11]
    for words in ("did you mean b2b?", "did you mean job_level?", "did you mean demo_request?", "did you mean sales?",
                  "did you mean Asked for a demo?", "did you mean total?", "by `ago` or by `at`"):  # fmt: skip
        assert words in done.output


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        ("", "lead: is missing"),
        ('[[lead]]\nname = "One"\nexpect = { hot = true }\n', "`at` is missing"),
        (one(""), "asks for nothing"),
        (one("hot = maybe"), "no value of TOML"),
    ],
)
def test_a_file_without_sense_is_refused(tmp_path: Path, leads: str, told: str) -> None:
    write(tmp_path, leads=leads)
    done = run(tmp_path)
    assert done.exit_code == 2
    assert told in done.output


def test_a_missing_file_and_an_unknown_flow_are_told(tmp_path: Path) -> None:
    write(tmp_path)
    assert "there is no such file" in run(tmp_path, str(tmp_path / "other.toml")).output
    assert "no flow b2c; there are: b2b" in run(tmp_path, "--flow", "b2c").output
