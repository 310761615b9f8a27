"""Review packs: their numbers, what they ask, and how they reach people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from connector.cli.root import baton
from connector.model.activity import Activity
from connector.model.follow_up import Agreement, Meeting, Pack
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import CriteriaVersion, ReviewItem, Transaction
from connector.model.stages import Transition
from connector.reporting.document import as_markdown, as_page
from connector.reporting.pack import kept, pack_of
from connector.reporting.periods import period_of
from connector.reporting.review import review
from connector.reporting.sending import send_due
from connector.runs.rosters import keep_roster
from connector.runs.send_notices import tell_people
from tests.line import Line
from tests.notices.servers import Postbox, mail_server

#: Monday of the week after.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL = (
    '[mail]\nserver = "mail-server"\nsender = "baton@northwind.example"\n[notices]\nreport = ["ops"]\n'
    '[schedule]\nreports = { weekly = "Mon 08:00" }\n'
)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    made.reopen(text.replace("version = 1", 'version = 1\nsecrets = { backend = "environment" }') + MAIL)
    made.now = NOW
    yield made
    made.app.close()


def fill(tx: Transaction, count: int = 10) -> list[Handoff]:
    """A week of handoffs: every other contacted in time, three rejected, one never contacted."""
    found = []
    for number in range(count):
        at = NOW - 5 * DAY + number * HOUR
        lead = Lead(fields={"email": f"p{number}@firm.example", "company.name": f"Firm <{number}>"} if number else {})
        tx.intake.add_leads([lead], at)
        tx.scores.add_transitions([Transition(lead.id, "b2b", "known", "mql", at, "baton", "gate", "v1")])
        one = Handoff(
            lead.id, "b2b", "mql", "open", at, "v1", owner="lena@northwind.example", team="sales", opened_at=at,
            due_at=at + 4 * HOUR, accept_due_at=at + 8 * HOUR,
        )  # fmt: skip
        if number < count - 1:
            one.contacted_at, one.worked = at + (2 if number % 2 else 6) * HOUR, 3600 * (2 if number % 2 else 6)
            one.accepted_at = at + HOUR
        if number < 3:
            one.state, one.closed_at, one.reason = "closed", at + DAY, "not_now" if number else "wrong_fit"
            one.words = "Budget\nin July" if number == 1 else ""
        tx.handoffs.add([one])
        found.append(one)
    return found


def week(line: Line) -> Pack:
    with line.app.store.read() as tx:
        return pack_of(tx, line.app.config, period_of("weekly", (NOW - DAY).date(), line.app.config), NOW)


def text_of(line: Line, pack: Pack, language: str = "en") -> str:
    with line.app.store.read() as tx:
        return as_markdown(review(tx, line.app.config, pack, language))


class TestPack:
    def test_its_numbers_are_those_of_the_period(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx)
            tx.intake.add_activities([Activity("portal", "b", "x", NOW - DAY, "bounce")])
            tx.reviews.put([ReviewItem("set_aside", "k", "x", "y", connection="portal")], NOW)
        body = week(line).body
        assert body["flow"] == {
            "new": 10, "handed_over": 10, "mql": 10, "sal": 0, "sql": 0, "opportunity": 0, "won": 0, "lost": 0,
            "rejected": 0,
        }  # fmt: skip
        assert body["flow_before"]["new"] == 0
        [clock] = body["clocks"]
        assert clock["accepted"] == {"in time": 9, "late": 1}
        assert clock["contacted"] == {"in time": 4, "late": 6}
        assert clock["median_worked"] == 6 * 3600
        assert [(one["reason"], one["count"]) for one in body["rejections"]] == [("not_now", 2), ("wrong_fit", 1)]
        assert (body["quality"]["bounces"], body["quality"]["set_aside"]) == (1, 1)
        assert body["quality"]["filled"]["email"] == 9

    def test_it_holds_no_name_and_no_address_of_a_lead(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx)
        told = json.dumps(week(line).body)
        assert "firm" not in told.lower()
        assert "Budget" not in told

    def test_what_stands_out_is_asked(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx, 12)
            tx.ledgers.add_criteria(CriteriaVersion("b2b", "a", "{}", at=NOW - 30 * DAY))
            tx.ledgers.add_criteria(CriteriaVersion("b2b", "b", "{}", at=NOW - 2 * DAY))
        body = week(line).body
        asked = {(name, values.get("field")): values for name, values in body["questions"]}
        assert asked["late", None] == {"share": "58 %", "count": 7}
        assert asked["lacking", "name.family"] == {"field": "name.family", "share": "100 %"}
        assert ("lacking", "email") not in asked
        assert asked["no_note", None] == {"flow": "b2b"}
        assert asked["past_due", None] == {"count": 1}

    def test_of_few_no_share_is_made(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx, 5)
        pack = week(line)
        assert {name for name, _ in pack.body["questions"]} == {"past_due"}
        assert "%" not in text_of(line, pack)

    def test_goals_of_the_week_are_told_and_a_missed_one_is_asked_about(self, line: Line) -> None:
        owner = 'owner = "petra@northwind.example"'
        text = (line.app.config.path).read_text("utf-8")
        line.reopen(
            f'{text}\n[goals]\nLeads = {{ count = "mql", at_least = 11, per = "week", {owner} }}\n'
            f'Kept = {{ share = "contacted in time", at_least = "30 %", per = "week", {owner} }}\n'
            f'Month = {{ count = "mql", at_least = 11, {owner} }}\n'
        )
        with line.app.store.write() as tx:
            fill(tx)
        pack = week(line)
        said = [(one["name"], one["target"], one["value"], one["state"]) for one in pack.body["goals"]]
        assert said == [("Leads", 11, 10, "missed"), ("Kept", 0.3, 0.4, "reached")]
        told = text_of(line, pack)
        assert "Leads was missed: is the goal right" in told
        assert "| Kept | at least 30 % | 40 % (4 of 10) | petra@northwind.example | reached |" in told
        assert "Goals" not in text_of(line, Pack("weekly", pack.period, NOW, body={**pack.body, "goals": []}))

    @pytest.mark.parametrize(
        ("due", "done", "word"),
        [
            (None, NOW, "none"), (NOW, NOW, "in time"), (NOW, NOW + HOUR, "late"), (NOW - HOUR, None, "late"),
            (NOW + HOUR, None, "open"),
        ],
    )  # fmt: skip
    def test_whether_a_clock_was_kept(self, due: datetime | None, done: datetime | None, word: str) -> None:
        assert kept(due, done, NOW) == word


class TestDocument:
    def test_the_rep_s_own_words_and_the_company_stand_beside_a_reason(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx)
        text = text_of(line, week(line))
        assert "| not now | 2 | lead 2 · Firm &lt;1>: Budget in July<br>lead 3 · Firm &lt;2> |" in text
        assert text.index("To decide") < text.index("Past due now") < text.index("Data quality")

    def test_nobody_who_was_forgotten_is_named(self, line: Line) -> None:
        with line.app.store.write() as tx:
            handoffs = fill(tx)
        pack = week(line)
        with line.app.store.write() as tx:
            tx.personal.erase(tx.personal.person(handoffs[1].lead_id), NOW)
        text = text_of(line, pack)
        assert "Budget" not in text
        assert "a lead that was forgotten" in text

    def test_a_page_has_nothing_of_leads_as_markup(self, line: Line) -> None:
        with line.app.store.write() as tx:
            fill(tx)
        pack = week(line)
        with line.app.store.read() as tx:
            page = as_page(review(tx, line.app.config, pack, "en"), "en")
        assert "Firm &lt;1&gt;" in page
        assert "Firm <1>" not in page

    def test_a_quiet_week_says_so(self, line: Line) -> None:
        assert "Nothing stands out." in text_of(line, week(line))

    def test_what_was_agreed_before_is_carried_on(self, line: Line) -> None:
        with line.app.store.write() as tx:
            id = tx.meetings.add(Meeting("review", "2026-11-16", NOW - 7 * DAY))
            tx.meetings.agree([Agreement(id, "action", "Ask for the size in the form", "tom@x.example", "2026-12-01")])
        assert "| Ask for the size in the form | tom@x.example | Tue 1 Dec | 1 |" in text_of(line, week(line))


class TestSending:
    @pytest.fixture
    def postbox(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
        with mail_server(Postbox()) as found:
            monkeypatch.setenv("BATON_SECRET_OPS", f"{found.url}/ops%40northwind.example")
            yield found

    def test_it_is_sent_once_with_the_page_and_a_calendar(self, line: Line, postbox: Postbox) -> None:
        with line.app.store.write() as tx:
            fill(tx)
            keep_roster(tx, line.app.config, NOW - 90 * DAY)
            tx.meetings.agree(
                [Agreement(tx.meetings.add(Meeting("review", "x", NOW)), "action", "Do it", due_on="2026-12-01")]
            )
        runtime = line.app.runtime()
        assert send_due(runtime) == ["2026-W47", "2026-10", "2026-Q3"]
        tell_people(runtime, Counter())
        [letter] = [one for one in postbox.letters if "W47" in str(one["Subject"])]
        assert letter["Subject"] == "Review of week 2026-W47"
        page, calendar = letter.iter_attachments()
        assert (page.get_content_type(), page.get_filename()) == ("text/html", "review-2026-W47.html")
        events = Calendar.from_ical(calendar.get_content())
        assert [str(one["summary"]) for one in events.walk("VTODO")] == ["Do it"]
        assert len(events.walk("VEVENT")) == 1
        line.now += DAY
        assert send_due(line.app.runtime()) == []

    def test_who_is_new_to_it_is_sent_no_empty_packs(self, line: Line) -> None:
        assert send_due(line.app.runtime()) == []
        with line.app.store.write() as tx:
            keep_roster(tx, line.app.config, NOW - 5 * DAY)
        assert send_due(line.app.runtime()) == ["2026-W47"]

    def test_nothing_is_made_before_its_time_or_where_nobody_listens(self, line: Line) -> None:
        with line.app.store.write() as tx:
            keep_roster(tx, line.app.config, NOW - 90 * DAY)
        line.now = NOW - timedelta(hours=3)
        assert "2026-W47" not in send_due(line.app.runtime())
        text = (line.folder / "config.toml").read_text("utf-8").replace('report = ["ops"]', "")
        line.reopen(text)
        line.now = NOW
        assert send_due(line.app.runtime()) == []


class TestCommands:
    def run(self, line: Line, *words: str) -> str:
        line.app.close()
        found = CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), *words])
        line.reopen((line.folder / "config.toml").read_text("utf-8"))
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.output

    def test_a_report_of_a_period_that_is_named(self, line: Line) -> None:
        assert self.run(line, "report", "--period", "2026-W40").startswith("# Review of week 2026-W40\n")
        assert json.loads(self.run(line, "report", "--monthly", "--output", "json"))["kind"] == "monthly"
        assert "no period 2026-W99" in self.run(line, "report", "--period", "2026-W99")

    def test_what_was_agreed_is_kept_listed_and_done(self, line: Line, tmp_path: Path) -> None:
        assert "kept as 1" in self.run(line, "meeting", "decided", "A from 30 points on")
        assert "kept as 2" in self.run(
            line, "meeting", "action", "Ask", "--owner", "Tom@x.example", "--due", "2026-12-01"
        )
        assert "tom@x.example" in self.run(line, "meeting", "list")
        self.run(line, "meeting", "done", "2", "--note", "asked")
        assert "Ask" not in self.run(line, "meeting", "list")
        assert "asked" in self.run(line, "meeting", "list", "--all")
        assert "nothing was agreed under 9" in self.run(line, "meeting", "done", "9")
        with line.app.store.read() as tx:
            assert len(tx.meetings.meetings()) == 1

    def test_an_action_becomes_a_task_in_the_crm(self, line: Line) -> None:
        self.run(
            line,
            "meeting",
            "action",
            "Ask",
            "--owner",
            "lena@northwind.example",
            "--due",
            "2026-12-01",
            "--task",
            "crm",
        )
        line.sync()
        [task] = [thing for thing in line.crm.things() if thing.object == "task"]
        assert "Ask" in str(task.values)
        assert "no connection" in self.run(
            line, "meeting", "action", "x", "--owner", "a@x.example", "--task", "nowhere"
        )
