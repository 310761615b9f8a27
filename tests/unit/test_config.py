"""Reading a configuration: what comes out of a right one, and every way in which one can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from importlib.metadata import EntryPoint
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector import platforms
from connector.config import Config, connections, load
from connector.model.durations import Duration
from connector.model.errors import MOST_SHOWN, ConfigError, Problems

SMALL = """
[connections.web]
type = "memory"
[connections.crm]
type = "memory"
[teams.sales]
manager = "petra@northwind.example"
members = [{ email = "lena@northwind.example", weight = 2 }, { email = "tom@northwind.example" }]
[flows.all]
sources = ["web"]
crm = "crm"
routing = { order = [{ to = "sales" }] }
"""

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Writes files (`flows/b2c.toml` as `flows__b2c`) and gives the path of config.toml as a reader names it."""
    monkeypatch.chdir(tmp_path)

    def write(config: str | bytes = SMALL, **files: str | bytes) -> Path:
        for name, content in {"config": config, **files}.items():
            path = tmp_path / (name.replace("__", "/") + (".txt" if name.startswith(("lists", "briefs")) else ".toml"))
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Path("config.toml")

    return write


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(path)
    return [str(problem) for problem in error.value.problems]


def test_what_is_not_said_has_a_default(folder: Folder, tmp_path: Path) -> None:
    config = load(folder())
    assert (config.language, config.timezone, config.region, config.fiscal_year_starts) == ("en", "UTC", "", 1)
    assert (config.root, config.database) == (tmp_path, str(tmp_path / "baton.db"))
    assert config.secrets_backend == "keychain"
    assert config.schedule.pull == Duration(120)
    assert config.schedule.rescore == "03:30"
    assert config.keep.decisions is None
    team = config.teams["sales"]
    assert team.hours == dict.fromkeys(range(5), ((time(9), time(18)),))
    assert (team.language, team.zone) == ("en", ZoneInfo("UTC"))
    flow = config.flows["all"]
    assert (flow.mode, flow.start, flow.handoffs_per_day, flow.takes) == ("observe", None, None, None)
    assert flow.clock.contact.hot == Duration(1800, working=True)
    assert flow.clock.remind == (0.5, 0.8)
    assert flow.existing == {"contact": "task on contact", "open_opportunity": "tell owner", "customer": "tell owner"}
    assert list(flow.reasons) == [
        *("not_now", "unreachable", "wrong_fit", "wrong_data", "duplicate", "customer", "competitor", "other")
    ]


def test_a_flow_without_criteria_has_the_shipped_ones(folder: Folder) -> None:
    flow = load(folder()).flows["all"]
    assert {rule.name for rule in flow.criteria.rules} >= {"Director or above", "Asked for a demo"}
    assert {"mql", "mql_ends", "hot", "nurture"} <= set(flow.criteria.gates)
    assert flow.required == ("email", "name.family", "company.name", "country")


def test_hours_may_go_on_over_midnight_and_have_several_spans(folder: Folder) -> None:
    hours = 'hours = { Mon-Thu = "06:00-10:00, 12:00-14:00, 22:00-04:00", Sat = "00:00-24:00", Sun = "20:00-24:00" }'
    found = load(folder(SMALL.replace("manager", hours + "\nmanager"))).teams["sales"].hours
    assert found[0] == ((time(6), time(10)), (time(12), time(14)), (time(22), time(4)))
    assert (found[5], found[6]) == (((time(0), time(0)),), ((time(20), time(0)),))


def test_people_have_hours_a_deputy_and_addresses_of_their_own(folder: Folder) -> None:
    own = (
        '[people."Tom@northwind.example"]\nhours = { Mon = "07:00-12:00" }\ndeputy = "ceo@northwind.example"\n'
        'notify = "slack-tom"\naddresses = { crm = "T.Berg@crm.example" }\n[people."ceo@northwind.example"]\n'
    )
    config = load(folder(SMALL.replace("manager", 'deputy = "lena@northwind.example"\nmanager') + own))
    tom = config.people["tom@northwind.example"]
    assert (tom.hours, tom.notify) == ({0: ((time(7), time(12)),)}, "slack-tom")
    deputies = ("ceo@northwind.example", "lena@northwind.example", "")
    assert tuple(config.deputy_of(f"{one}@northwind.example") for one in ("tom", "petra", "lena")) == deputies
    assert config.address_at("crm", "tom@northwind.example") == "t.berg@crm.example"
    assert config.address_at("web", "tom@northwind.example") == "tom@northwind.example"
    assert config.email_of("crm", "T.berg@CRM.example") == "tom@northwind.example"
    assert config.email_of("crm", "lena@northwind.example") == "lena@northwind.example"
    assert config.email_of("crm", "") == ""
    assert len(config.everybody) == 4


def test_people_have_their_own_language_and_zone_else_their_teams(folder: Folder) -> None:
    config = load(
        folder(
            SMALL.replace("[flows.all]", 'language = "ja"\ntimezone = "Asia/Tokyo"\n[flows.all]')
            + '[people."Tom@northwind.example"]\nlanguage = "en"\ntimezone = "Europe/Madrid"\n'
        )
    )
    assert config.language_of("lena@northwind.example") == "ja"
    assert config.zone_of("petra@northwind.example") == ZoneInfo("Asia/Tokyo")
    assert config.language_of("tom@northwind.example") == "en"
    assert config.zone_of("tom@northwind.example") == ZoneInfo("Europe/Madrid")
    assert config.language_of("stranger@northwind.example") == "en"
    assert [member.weight for member in config.teams["sales"].members] == [2, 1]


def test_flows_may_stand_in_files_of_their_own_in_a_given_order(folder: Folder) -> None:
    one = 'sources = ["web"]\ncrm = "crm"\ntakes = { field = "country", is = "%s" }\n'
    one += 'routing = { order = [{ to = "sales" }] }'
    rest = SMALL.replace("\n[connections", '\nflow_order = ["jp", "de", "all"]\n[connections', 1)
    config = load(folder(rest, flows__de=one % "DE", flows__jp=one % "JP"))
    assert list(config.flows) == ["jp", "de", "all"]
    assert {path.name for path in config.files} == {"config.toml", "de.toml", "jp.toml"}


def test_the_digest_changes_with_any_file_that_was_read(folder: Folder) -> None:
    listed = SMALL + 'takes = { field = "company.domain", not_in_file = "lists/rivals.txt" }\n'
    one = load(folder(listed, lists__rivals="a.example\n"))
    assert load(folder(listed, lists__rivals="a.example\n")).digest == one.digest
    assert load(folder(listed, lists__rivals="b.example\n")).digest != one.digest


def test_a_list_of_what_is_allowed_that_was_cut_says_so() -> None:
    names, found = [f"field_{place:02}" for place in range(MOST_SHOWN + 1)], Problems()
    found.unknown(("x",), "colour", names)
    found.unknown(("x",), "colour", names[:-1])
    cut, whole = (one.allowed for one in found.found)
    assert (cut.endswith("field_23, …"), whole.endswith(", field_23")) == (True, True)


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(folder: Folder) -> None:
    config = "\ufeff" + SMALL.replace("\n", "\r\n")
    assert isinstance(load(folder(config)), Config)
    assert problems(folder(config + "colour = 1\r\n")) == [
        "config.toml:13: flows.all.colour: unknown key colour; allowed: accept_over, account, brief, "
        "changes_per_run, clock, conditions, crm, engagement, existing, fields, fit, gates, handoffs_per_day, intent, "
        "language, mend_by, mode, reasons, required, routing, sources, start, takes, total, …"
    ]


def test_a_missing_file_says_how_to_make_one(folder: Folder) -> None:
    folder()
    assert problems(Path("other.toml")) == ["other.toml: there is no such file; make one with: baton init"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a = 1\na = 2", "config.toml:2: this key is there already: a key can be given once"),
        ("[a]\n[b]\n[a]", "config.toml:3: this table is there already: a heading can stand once"),
        ("\n\na = [1,", "config.toml:3: the file ends before all is closed: a bracket or a quote is missing"),
        ("a = [1 2]", "config.toml:1: a list is not closed: `]` is missing"),
        ("a = { b = 1\n}", "config.toml:1: a table is not closed on its line: `}` is missing"),
        ('a = "x', "config.toml:1: the file ends before all is closed: a bracket or a quote is missing"),
        ("a = b", "config.toml:1: no value of TOML: a text needs quotes"),
        ("a = “b”", "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ("a = ‘b’", "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ("a = 「b」", "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ("a = [“b”]", "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ("“a” = 1", "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ('a = "b”\nc = 1', "config.toml:1: curly quotes: TOML wants straight ones, \" or '"),
        ("a = b  # “so it was”", "config.toml:1: no value of TOML: a text needs quotes"),
        ("a 1", "config.toml:1: `=` is missing after the key"),
        ("a = 1 2", "config.toml:1: no value of TOML (a date that is none?), or more than one on a line"),
        ("a = 2026-13-45", "config.toml:1: no value of TOML (a date that is none?), or more than one on a line"),
        ("[a\n", "config.toml:1: not valid TOML: Expected ']' at the end of a table declaration"),
        ("a = { b = 1 }\n[a.c]", "config.toml:2: this table is there already: a heading can stand once"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(folder: Folder, line: str, said: str) -> None:
    assert problems(folder(line)) == [said]


def test_another_encoding_is_named_with_its_line(folder: Folder) -> None:
    assert problems(folder("a = 1\nb = '山'\n".encode("cp932"))) == [
        "config.toml:2: not UTF-8; save the file in that encoding"
    ]


def test_with_config_toml_unreadable_the_flows_are_looked_at_too(folder: Folder) -> None:
    assert problems(folder("a = b", flows__b2b="c = d")) == [
        "config.toml:1: no value of TOML: a text needs quotes",
        "flows/b2b.toml:1: no value of TOML: a text needs quotes",
    ]


WRONG = [
    ('scedule = { pull = "2 min" }', "scedule: unknown key scedule; did you mean schedule?"),
    ("version = 2", "version: 2 is not a word that is known here; allowed: 1"),
    ('language = "jp"', "language: 'jp' is not a word that is known here; allowed: en, ja"),
    ("language = 3", "language: 3 is not a word that is known here; allowed: en, ja"),
    ('timezone = "Europe/Berln"', "timezone: unknown time zone Europe/Berln; did you mean Europe/Berlin?"),
    ('timezone = "../etc"', "timezone: unknown time zone ../etc"),
    ('region = "de"', "region: de is no country code of two capital letters; allowed: DE, JP, US, ..."),
    ('currency = { report_in = "EUX" }', "currency.report_in: unknown currency EUX"),
    ("currency = { USD = 0 }", "currency.USD: must be above 0"),
    ('currency = { USD = "1" }', "currency.USD: must be a number"),
    ("currency = { Dollar = 1.0 }", "currency.Dollar: unknown currency Dollar"),
    ("currency = 1", "currency: must be a table: { ... }"),
    ('fiscal_year_starts = "Feb"', "fiscal_year_starts: unknown month Feb"),
    (
        'keep = { activities = "2 fortnights" }',
        'keep.activities: \'2 fortnights\' is not a duration; allowed: "30 min", "7 days", "3 months"',
    ),
    ('database = ""', "database: must not be empty"),
    ('database = "mysql://host/x"', "database: mysql is no database that Baton can use"),
    (
        'database = "postgresql://baton:hunter2@host/x"',
        "database: a password does not belong into a file; write ${database} in its place and keep it with: "
        "baton auth set database",
    ),
    ('database = "postgresql://u:${not a name}@host/x"', "database: ${not a name} does not name a secret"),
    ('secrets = { backend = "plain" }', "secrets.backend: 'plain' is not a word that is known here; allowed: keychain"),
    ('secrets = { token = "xoxb" }', "secrets.token: a secret does not belong in a file"),
    ('schedule = { pull = "soon" }', "schedule.pull: 'soon' is not a duration"),
    ('schedule = { pull = "2 working hours" }', "schedule.pull: '2 working hours' runs in working hours"),
    ('schedule = { rescore = "24:30" }', "schedule.rescore: '24:30' is no time of day; allowed: "),
    ('schedule = { reports = { weekly = "Monday" } }', "schedule.reports.weekly: Monday says no day and time"),
    ('teams.x = { members = [{ email = "x" }] }', "teams.x.members.1.email: must be an email address"),
    ("teams.x = {}", "teams.x.members: is missing"),
    (
        'teams.x = { members = [{ email = "a@b.example", wieght = 1 }] }',
        "teams.x.members.1.wieght: unknown key wieght; did you mean weight?",
    ),
    (
        'teams.x = { members = [{ email = "a@b.example" }, { email = "A@b.example" }] }',
        "teams.x.members.2: a@b.example is in this team twice",
    ),
    ('teams.x = { members = [], hours = { Mo = "9-5" } }', "teams.x.hours.Mo: '9-5' are no hours"),
    ('teams.x = { members = [], hours = { Mo = "09:00-17:00" } }', "teams.x.hours.Mo: Mo names no weekdays"),
    ('teams.x = { members = [], hours = { Fri = "17:00-17:00" } }', "teams.x.hours.Fri: '17:00-17:00' are no hours"),
    (
        'teams.x = { members = [], hours = { Fri = "22:00-06:00, 8:00-9:00" } }',
        "teams.x.hours.Fri: '22:00-06:00, 8:00-9:00' are no hours",
    ),
    (
        'teams.x = { members = [], hours = { Sun = "22:00-06:00", Mon = "05:00-17:00" } }',
        "teams.x.hours: the hours of Sun go on into those of the day after",
    ),
    (
        'teams.x = { members = [], deputy = "tim@northwind.example" }',
        "teams.x.deputy: unknown person tim@northwind.example; did you mean tom@northwind.example?",
    ),
    (
        'teams.x = { members = [], deputy = "karl@northwind.example" }',
        'teams.x.deputy: unknown person karl@northwind.example; allowed: [people."karl@northwind.example"]',
    ),
    (
        'teams.x = { members = [{ email = "a@b.example", deputy = "A@b.example" }] }',
        "teams.x.members.1.deputy: nobody stands in for themselves",
    ),
    (
        'people."tom@northwind.example" = { deputy = "lene@northwind.example" }',
        "people.tom@northwind.example.deputy: unknown person lene@northwind.example; did you mean lena@northwind.exam",
    ),
    (
        'people."tom@northwind.example" = { addresses = { crmm = "t@x.example" } }',
        "people.tom@northwind.example.addresses.crmm: unknown connection crmm; did you mean crm?",
    ),
    (
        'people = { "tom@northwind.example" = { addresses = { crm = "T@x.example" } }, '
        '"lena@northwind.example" = { addresses = { crm = "t@x.example" } } }',
        "people.lena@northwind.example.addresses.crm: t@x.example is tom@northwind.example there already",
    ),
    (
        'people."tom@northwind.example" = { notify = "https://x" }',
        "people.tom@northwind.example.notify: must be the n",
    ),
    (
        'teams.x = { members = [], hours = { Mon-Fri = "09:00-17:00", Fri = "09:00-15:00" } }',
        "teams.x.hours.Fri: Fri stands in another line too",
    ),
    ('teams.x = { members = [], holidays = ["XX"] }', "teams.x.holidays.1: 'XX' is no calendar and no day"),
    (
        'teams.x = { members = [], notify = "https://hooks.example/T0" }',
        "teams.x.notify: must be the name of a secret; keep its value with: baton auth set NAME",
    ),
    (
        'people."tim@northwind.example" = { language = "ja" }',
        "people.tim@northwind.example: unknown person tim@northwind.example; did you mean tom@northwind.example?",
    ),
    ('notices = { breeched = ["owner"] }', "notices.breeched: unknown notice breeched; did you mean breached?"),
    ('notices = { won = ["a b"] }', "notices.won.1: must be owner, manager, team, or the name of a secret"),
    ('goals.x = { count = "mlq", at_least = 3, owner = "a@b.example" }', "goals.x.count: 'mlq' is not a word"),
    ('goals.x = { count = "warm", at_least = 3, owner = "a@b.example" }', "goals.x.count: 'warm' is not a word"),
    ('goals.x = { count = "mql", owner = "a@b.example" }', "goals.x: a goal says `at_least` or `at_most`"),
    (
        'goals.x = { at_least = 3, owner = "a@b.example" }',
        "goals.x: a goal has one of count, rate, amount, median, share",
    ),
    (
        'goals.x = { count = "mql", at_least = "20 %", owner = "a@b.example" }',
        "goals.x.at_least: a count needs a number; allowed: 100",
    ),
    (
        'goals.x = { rate = ["mql", "won"], at_least = 3, owner = "a@b.example" }',
        'goals.x.at_least: a rate needs a share; allowed: "20 %"',
    ),
    (
        'goals.x = { rate = ["won", "mql"], at_least = "3 %", owner = "a@b.example" }',
        "goals.x.rate: the second stage comes after the first; allowed: mql -> sal",
    ),
    (
        'goals.x = { median = "response time", at_most = "2 working days", owner = "a@b.example" }',
        "goals.x.at_most: '2 working days' is no number, share or time; allowed: 100",
    ),
    (
        'goals.x = { median = "response time", at_most = "2 hours", owner = "a@b.example", '
        'benchmark = "1 working hour" }',
        "goals.x.benchmark: is counted on another clock than the goal",
    ),
    (
        'goals.x = { count = "mql", at_least = 3, from = 2026-12-01, until = 2026-11-30, owner = "a@b.example" }',
        "goals.x.until: lies before `from`",
    ),
    (
        'goals.x = { count = "mql", at_least = 3, form = 2026-12-01, owner = "a@b.example" }',
        "goals.x.form: unknown key form; did you mean from?",
    ),
    (
        'goals.x = { count = "mql", at_least = 3, where = { team = "sals" }, owner = "a@b.example" }',
        "goals.x.where.team: unknown team sals; did you mean sales?",
    ),
    (
        'goals.x = { count = "mql", at_least = 3, under = "y", owner = "a@b.example" }',
        "goals.x.under: unknown goal y",
    ),
    (
        'goals.x = { count = "mql", at_least = 3, under = "x", owner = "a@b.example" }',
        "goals.x.under: the goals go round: x is under itself",
    ),
    (
        'goals = { x = { count = "mql", at_least = 3, under = "y", owner = "a@b.example" }, '
        'y = { amount = "won", at_least = 3, owner = "a@b.example" } }',
        "goals.x.under: measures something else than y",
    ),
    (
        'goals = { x = { count = "mql", at_least = 3, per = "week", under = "y", owner = "a@b.example" }, '
        'y = { count = "mql", at_least = 3, owner = "a@b.example" } }',
        "goals.x.under: a week is no part of a month",
    ),
    ('goals.x = { rate = ["mql"], at_least = "2 %", owner = "a@b.example" }', "goals.x.rate: must have at least 2"),
    ('flow_order = ["al"]', "flow_order.1: unknown flow al; did you mean all?"),
    ('flow_order = ["all", "all"]', "flow_order.2: the flow all has a place already"),
    ('connections.x = { type = "memori" }', "connections.x.type: unknown type memori"),
    ("connections.x = {}", "connections.x.type: is missing"),
    (
        'connections.x = { type = "memory", strems = 1 }',
        "connections.x.strems: unknown key strems; did you mean streams?",
    ),
    ('connections.x = { type = "memory", dialy_calls = 1 }', "connections.x.dialy_calls: unknown key dialy_calls; did"),
    ('connections.x = { type = "memory", daily_calls = 0 }', "connections.x.daily_calls: must be 1 or more"),
    (
        'connections.x = { type = "memory", api_key = "k" }',
        "connections.x.api_key: a secret does not belong in a file; keep it with: baton auth set x",
    ),
    ('connections."a b" = { type = "memory" }', "connections.a b: a connection's name has letters, digits"),
    (
        'connections.x = { type = "memory", mapping = "mappings/x.toml" }',
        "connections.x.mapping: there is no file mappings/x.toml",
    ),
]


@pytest.mark.parametrize(("line", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_outside_the_flows_is_told_once_with_its_line(folder: Folder, line: str, said: str) -> None:
    found = problems(folder("# first line\n" + line + SMALL))
    assert len(found) == 1
    assert found[0].startswith("config.toml:2: " + said)


WRONG_IN_FLOW = [
    (
        'mode = "liv"',
        "mode: 'liv' is not a word that is known here; allowed: observe, review, live; did you mean live?",
    ),
    ('start = "2026-12-07"', "start: must be a day, such as 2026-12-07, without quotes"),
    ("handoffs_per_day = 0", "handoffs_per_day: must be 1 or more"),
    ('handoffs_per_day = "60"', "handoffs_per_day: must be a whole number"),
    (
        'takes = { field = "emial_class", is = "free" }',
        "takes.field: unknown field emial_class; did you mean email_class?",
    ),
    ('takes = { score = "total", at_least = 3 }', "takes.score: "),
    ('takes = "ideel"', "takes: unknown condition ideel; did you mean ideal?"),
    ('write_score = "often"', "write_score: 'often' does not say when a score is written"),
    ('required = ["emial"]', "required.1: unknown field emial; did you mean email?"),
    ('existing = { contact = "ignore" }', "existing.contact: 'ignore' is not a word that is known here"),
    ('fit = { x = { points = 5, field = "job_levle", is = "vp" } }', "fit.x.field: unknown field job_levle"),
    ("fit = 3", "fit: must be a table: { ... }"),
    ('clock = { contact = { hot = "soon" } }', "clock.contact.hot: 'soon' is not a duration"),
    ('clock = { touch = ["fax"] }', "clock.touch.1: 'fax' is not a word that is known here; allowed: call, email"),
    ('clock = { remind = ["half"] }', "clock.remind.1: 'half' is no share"),
    ('clock = { breach = ["tell reb"] }', "clock.breach.1: 'tell reb' is not a word that is known here"),
    ('clock = { breach = [{ aftr = "1 day", do = "reassign" }] }', "clock.breach.1.aftr: unknown key aftr"),
    ("reasons = { unrechable = {} }", "reasons.unrechable: unknown reason unrechable; did you mean unreachable?"),
    ("reasons = { holiday = false }", "reasons.holiday: unknown reason holiday"),
    ('reasons = { other = { back_after = "4 working hours" } }', "reasons.other.back_after: '4 working hours' runs in"),
    ('reasons = { other = { back_when = "ideel" } }', "reasons.other.back_when: unknown condition ideel"),
    ('fields = { job_tilte = "newest" }', "fields.job_tilte: unknown field job_tilte; did you mean job_title?"),
    ('fields = { job_title = "newst" }', "fields.job_title: 'newst' is not a word that is known here"),
    ('fields = { job_title = { rule = "newst" } }', "fields.job_title.rule: 'newst' is not a word that is known here"),
    ('fields = { job_title = { sources = ["wep"] } }', "fields.job_title.sources.1: unknown source of this flow wep"),
    ('fields = { job_title = { sources = ["web", "web"] } }', "fields.job_title.sources.2: web stands here twice"),
]


@pytest.mark.parametrize(("line", "said"), WRONG_IN_FLOW, ids=[said for _, said in WRONG_IN_FLOW])
def test_what_is_wrong_in_a_flow_is_told_once_with_its_line(folder: Folder, line: str, said: str) -> None:
    found = problems(folder(SMALL + line + "\n"))
    assert len(found) == 1
    assert found[0].startswith("config.toml:13: flows.all." + said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["web"]', '["wep"]', "10: flows.all.sources.1: unknown connection wep; did you mean web?"),
        ('["web"]', '["web", "web"]', "10: flows.all.sources.2: web stands here twice"),
        ('["web"]', "[]", "10: flows.all.sources: must have at least 1 entries"),
        ('crm = "crm"\n', "", "9: flows.all.crm: is missing"),
        ('to = "sales" }', 'to = "sale" }', "12: flows.all.routing.order.1.to: unknown team sale; did you mean sales?"),
        ('to = "sales" }', 'too = "sales" }', "12: flows.all.routing.order.1"),
        ("routing = {", "rooting = {", "9: flows.all.routing: is missing"),
    ],
)
def test_names_in_a_flow_must_be_known(folder: Folder, old: str, new: str, said: str) -> None:
    assert any(found.startswith("config.toml:" + said) for found in problems(folder(SMALL.replace(old, new))))


def test_a_missing_key_does_not_hide_what_is_wrong_in_the_criteria(folder: Folder) -> None:
    text = SMALL.replace('crm = "crm"\n', "") + 'gates = { mql = "askd" }\n'
    assert problems(folder(text)) == [
        "config.toml:9: flows.all.crm: is missing",
        "config.toml:12: flows.all.gates.mql: unknown condition askd",
    ]


def test_a_faulty_entry_of_a_list_is_told_once_and_the_others_with_their_own_lines(folder: Folder) -> None:
    text = 'notices = { won = [\n  "a b",\n  "owner",\n  "c d",\n] }\n' + SMALL
    assert [found.split(": must")[0] for found in problems(folder(text))] == [
        "config.toml:2: notices.won.1",
        "config.toml:4: notices.won.3",
    ]


def test_a_list_file_that_is_missing_is_told_at_the_key_that_names_it(folder: Folder) -> None:
    text = SMALL + 'takes = { field = "company.domain", in_file = "lists/none.txt" }\n'
    assert problems(folder(text))[0].startswith(
        "config.toml:13: flows.all.takes.in_file: the list lists/none.txt cannot"
    )


def test_problems_of_a_mapping_are_told_with_its_own_file_and_lines(folder: Folder) -> None:
    text = SMALL.replace(
        '[connections.crm]\ntype = "memory"', '[connections.crm]\ntype = "memory"\nmapping = "mappings/m.toml"'
    )
    mapping = '[read]\nemial = "mail"\n\n[write]\nNote = { template = "briefs/none.txt" }\n'
    assert problems(folder(text, mappings__m=mapping)) == [
        "mappings/m.toml:2: read.emial: unknown field emial; did you mean email?",
        "mappings/m.toml:5: write.Note.template: there is no file briefs/none.txt",
    ]


def test_a_brief_that_is_there_is_read_with_the_rest(folder: Folder) -> None:
    text = SMALL.replace('type = "memory"\n[teams', 'type = "memory"\nmapping = "mappings/m.toml"\n[teams')
    files = {"mappings__m": '[write]\nNote = { template = "briefs/b.txt" }\n', "briefs__b": "Hello"}
    config = load(folder(text, **files))
    assert [path.name for path in config.files] == ["b.txt", "config.toml", "m.toml"]


@pytest.mark.parametrize("name", ["Dear {{ name.full", "briefs/b.txt"])
def test_a_template_that_is_none_is_told_before_it_is_asked_for_a_lead(folder: Folder, name: str) -> None:
    text = SMALL.replace('type = "memory"\n[teams', 'type = "memory"\nmapping = "mappings/m.toml"\n[teams')
    files = {"mappings__m": f'[write]\nNote = {{ template = "{name}" }}\n', "briefs__b": "{% if country %}Hello"}
    (told,) = problems(folder(text, **files))
    assert told.startswith("mappings/m.toml:2: write.Note.template: the template fails: ")


def test_a_flow_file_tells_its_problems_from_its_own_top(folder: Folder) -> None:
    text = SMALL.partition("[flows.all]")[0]
    flow = 'sources = ["web"]\ncrm = "crm"\nmode = "liv"\ntoken = "x"\n[routing]\norder = [{ to = "seles" }]\n'
    assert problems(folder(text, flows__one=flow)) == [
        "flows/one.toml:3: mode: 'liv' is not a word that is known here; allowed: observe, review, live; "
        "did you mean live?",
        "flows/one.toml:4: token: a secret does not belong in a file; keep it with: baton auth set token",
        "flows/one.toml:6: routing.order.1.to: unknown team seles; did you mean sales?",
    ]


def test_a_flow_stands_in_one_place_only(folder: Folder) -> None:
    assert problems(folder(SMALL, flows__all='sources = ["web"]')) == [
        "flows/all.toml: the flow all stands in config.toml already"
    ]


def test_several_flows_in_files_need_an_order(folder: Folder) -> None:
    flow = 'sources = ["web"]\ncrm = "crm"\ntakes = { has = "phone" }\nrouting = { order = [{ to = "sales" }] }\n'
    assert problems(folder(SMALL, flows__one=flow)) == [
        "config.toml: flow_order: the order of the flows is not known: every flow stands here once; missing: all, one"
    ]


def test_a_flow_that_can_never_get_a_lead_is_told(folder: Folder) -> None:
    second = 'sources = ["web"]\ncrm = "crm"\nrouting = { order = [{ to = "sales" }] }\n'
    assert problems(folder(SMALL + "[flows.rest]\n" + second)) == [
        "config.toml:13: flows.rest: never gets a lead: the flow all is asked before it, and takes everyone"
    ]


def test_all_problems_of_all_files_come_at_once_in_order(folder: Folder) -> None:
    text = 'langage = 1\nflow_order = ["all", "one", "two"]\n' + SMALL.replace("weight", "wieght") + 'mode = "x"\n'
    found = problems(folder(text, flows__one="a = [", flows__two='mode = "y"'))
    assert [line.partition(": ")[0] for line in found] == [
        *("config.toml:1", "config.toml:10", "config.toml:15"),
        *("flows/one.toml:1", "flows/two.toml", "flows/two.toml", "flows/two.toml", "flows/two.toml:1"),
    ]


def test_problems_can_be_told_in_another_language(folder: Folder) -> None:
    with pytest.raises(ConfigError) as error:
        load(folder('timezone = "Mars"\n' + SMALL))
    words = {"unknown time zone %(name)s": "タイムゾーン %(name)s は不明です"}
    said = error.value.problems[0].render(lambda text: words.get(text, text))
    assert said.startswith("config.toml:1: timezone: タイムゾーン Mars は不明です")


def test_days_and_dates_of_a_team_are_kept(folder: Folder) -> None:
    team = 'hours = { Mon-Thu = "09:00-12:00, 13:00-17:30" }\nholidays = ["DE-BE", 2026-12-24]\n[flows.all]'
    config = load(folder(SMALL.replace("[flows.all]", team)))
    assert config.teams["sales"].hours[3] == ((time(9), time(12)), (time(13), time(17, 30)))
    assert config.teams["sales"].holidays == ("DE-BE", date(2026, 12, 24))


def test_a_setting_that_the_platform_asks_for_may_hold_the_name_of_a_secret(folder: Folder) -> None:
    config = load(folder(SMALL.replace("[connections.crm]", 'secret = "web-token"\n[connections.crm]')))
    assert config.connections["web"].settings.secret == "web-token"


def test_a_database_elsewhere_keeps_its_reference_to_a_secret(folder: Folder) -> None:
    address = "postgresql://baton:${db}@db.example:5432/baton"
    assert load(folder(f'database = "{address}"\n' + SMALL)).database == address


def test_the_mapping_of_a_platform_from_elsewhere_stands_beside_its_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_adapter").mkdir()
    (tmp_path / "their_adapter" / "__init__.py").write_text("")
    (tmp_path / "their_adapter" / "mapping.toml").write_text('[read]\nemail = "mail"\n')
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("theirs", "their_adapter", platforms.GROUP)
    monkeypatch.setattr(connections, "entry_points", lambda group, name: [point] if name == "theirs" else [])
    assert connections.shipped_mapping("theirs") == {"read": {"email": "mail"}}
    assert connections.shipped_mapping("nobodys") == {}
