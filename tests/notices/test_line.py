"""Who is told what on the way of a lead, by a real mail server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from connector.model.errors import RetryableError
from connector.model.notices import Message, Notice
from connector.model.outbox import NotExecuted, Unknown
from connector.runs import failing
from connector.runs.notices import announce
from connector.runs.send_notices import tell_people
from connector.runs.sync import sync
from tests.line import START, Line
from tests.notices.servers import Postbox, mail_server

HOUR = timedelta(hours=1)
MAIL = '[mail]\nserver = "mail-server"\nsender = "baton@northwind.example"\n'


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with mail_server(Postbox()) as found:
        monkeypatch.setenv("BATON_SECRET_MAIL_SERVER", found.url)
        yield found


def line_with(folder: Path, more: str = MAIL) -> Line:
    (folder / "crm.toml").write_text('[read.stage]\ntable = { sal = "sal" }\n', "utf-8")
    line = Line(folder, crm_settings='crm_streams = ["user", "lead"]\nmapping = "crm.toml"')
    text = (folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("version = 1", 'version = 1\nsecrets = { backend = "environment" }') + more)
    return line


def told(line: Line, *notices: Notice) -> int:
    with line.app.store.write() as tx:
        return announce(tx, line.app.config, notices, line.now)


def notice(kind: str = "breached", key: str = "x", **more: object) -> Notice:
    values = {"due": START, "share": 0.5}
    says = {"breached": "contact breached", "due": "contact due", "stalled": "stalled"}[kind]
    return Notice(kind, says, key, START, "lena@northwind.example", values=values, **more)  # type: ignore[arg-type]


class TestHandingOver:
    def test_the_owner_is_told_of_a_new_lead_with_the_brief(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path)
        line.person(1)
        line.did(1, "demo_request")
        counts = line.sync().counts
        [letter] = postbox.to("lena@northwind.example")
        assert letter["Subject"] == "Hot lead: Ana Weber · Firm GmbH"
        assert "Asked for a demo" in letter.get_content()
        assert counts["notices: done"] == 1
        line.sync(HOUR)
        assert len(postbox.letters) == 1

    def test_a_japanese_owner_reads_of_a_lead_as_one_writes_there(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path)
        text = (tmp_path / "config.toml").read_text("utf-8")
        line.reopen(text.replace("[teams.sales]", '[teams.sales]\nlanguage = "ja"'))
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        [letter] = postbox.to("lena@northwind.example")
        assert letter["Subject"] == "【至急】ホットリード：Firm GmbH Ana Weber 様"
        assert "対応をお願いします" in letter.get_content()

    def test_nobody_is_told_where_no_way_is_known(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, "")
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        assert line.handoffs("open")
        assert [row for row in line.outbox() if row.target == "notices"] == []
        assert postbox.letters == []

    def test_who_listens_to_a_stage_is_told_when_a_lead_reaches_it(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, MAIL + '[notices]\nsal = ["owner"]\nnew = []\n')
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        [thing] = [one for one in line.crm.things() if one.object == "lead"]
        line.now += HOUR
        line.crm.edit(thing.crm_id, {"stage": "sal"}, line.now)
        line.sync(HOUR)
        assert postbox.subjects() == ["SAL: Ana Weber · Firm GmbH"]


class TestSending:
    def test_a_refusal_that_passes_is_tried_again_once_and_arrives_once(self, tmp_path: Path, postbox: Postbox) -> None:
        line, postbox.answers = line_with(tmp_path), ["450 later"]
        assert told(line, notice()) == 1
        assert line.sync().counts["notices: waiting"] == 1
        assert line.sync(HOUR).counts["notices: done"] == 1
        assert len(postbox.letters) == 1

    def test_a_breach_whose_answer_was_lost_is_told_again_with_the_same_id(
        self, tmp_path: Path, postbox: Postbox
    ) -> None:
        line, postbox.answers = line_with(tmp_path), [None]
        told(line, notice())
        line.sync()
        counts = line.sync(HOUR).counts
        assert (counts["notices: done"], counts["notices: may double"]) == (1, 1)
        assert len({letter["Message-ID"] for letter in postbox.letters}) == 1
        assert len(postbox.letters) == 2

    def test_a_reminder_whose_answer_was_lost_is_left_at_that(self, tmp_path: Path, postbox: Postbox) -> None:
        line, postbox.answers = line_with(tmp_path), [None]
        told(line, notice("due"))
        assert line.sync().counts["notices: dropped"] == 1
        line.sync(HOUR)
        assert len(postbox.letters) == 1

    def test_what_a_process_was_at_when_it_ended_goes_out_again_or_not(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path)
        told(line, notice(), notice("due", "y"))
        with line.app.store.write() as tx:
            assert len(tx.outbox.claim("notices", line.now, line.now + HOUR, 20, 20)) == 2
        line.sync(2 * HOUR)
        line.sync(HOUR)
        assert postbox.subjects() == ["Overdue:"]
        assert sorted(row.state for row in line.outbox() if row.target == "notices") == ["done", "dropped"]

    def test_a_lasting_refusal_is_a_dead_letter_with_what_to_do(self, tmp_path: Path, postbox: Postbox) -> None:
        line, postbox.answers = line_with(tmp_path), ["550 no such user"]
        told(line, notice())
        assert line.sync().counts["notices: dead"] == 1
        [row] = line.outbox("dead")
        assert (row.reason, row.code) == ("the mail server refused it (550)", "550")

    def test_a_server_that_is_away_is_asked_once_a_pass(
        self, tmp_path: Path, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line, asked = line_with(tmp_path), Counter[str]()

        def away(message: Message) -> NotExecuted:
            asked[message.to] += 1
            return NotExecuted("the mail server was not reached")

        told(line, *(notice(key=str(number)) for number in range(5)))
        counts = sync(line.app.runtime(notifier=lambda: SimpleNamespace(send=away)), line.app.rows).counts
        assert (counts["notices: waiting"], asked.total()) == (5, 1)
        assert line.sync(HOUR).counts["notices: done"] == 5

    def test_what_nobody_takes_is_a_dead_letter_in_the_end(self, tmp_path: Path, postbox: Postbox) -> None:
        line, asked = line_with(tmp_path), Counter[str]()

        def lost(message: Message) -> Unknown:
            asked[message.to] += 1
            return Unknown("the service did not take it, or did not say so")

        told(line, notice())
        for _ in range(20):
            sync(line.app.runtime(notifier=lambda: SimpleNamespace(send=lost)), line.app.rows)
            line.now += HOUR
        assert [row.state for row in line.outbox() if row.target == "notices"] == ["dead"]
        assert asked.total() == 11

    def test_of_one_key_an_address_hears_once(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path)
        assert [told(line, notice()), told(line, notice()), told(line, notice(key="other"))] == [1, 0, 1]

    def test_a_flow_that_observes_tells_nobody(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path)
        text = (tmp_path / "config.toml").read_text("utf-8")
        line.reopen(text.replace('mode = "live"', 'mode = "observe"'))
        assert told(line, notice(flow="b2b"), notice(flow="gone")) == 0

    def test_what_concerns_nobody_is_told_to_every_manager(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, MAIL + '[notices]\nreport = ["manager"]\n')
        text = (tmp_path / "config.toml").read_text("utf-8")
        more = '[teams.west]\nmanager = "mona@northwind.example"\nmembers = []\n'
        line.reopen(text.replace("[teams.sales]\n", f'{more}[teams.sales]\nmanager = "petra@northwind.example"\n'))
        told(line, Notice("report", "report", "pack", START, values={"title": "Review", "text": "x"}))
        line.sync()
        assert sorted(str(one["To"]) for one in postbox.letters) == [
            "mona@northwind.example",
            "petra@northwind.example",
        ]


class TestTimes:
    def test_in_quiet_hours_only_hot_leads_are_told_of(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, MAIL + '[quiet]\nhours = "20:00-07:30"\n')
        line.now = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
        told(line, notice(), notice(key="hot", hot=True))
        assert line.sync().counts["notices: done"] == 1
        assert line.sync(timedelta(hours=8)).counts["notices: done"] == 0
        assert line.sync(timedelta(minutes=31)).counts["notices: done"] == 1

    def test_what_is_told_together_makes_one_letter_a_day(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, MAIL + '[quiet]\ndigest = ["stalled"]\ndigest_at = "10:00"\n')
        told(line, notice("stalled", "a"), notice("stalled", "b"), notice("breached", "c"))
        line.sync()
        assert postbox.subjects() == ["Overdue:"]
        line.sync(2 * HOUR)
        assert postbox.subjects()[1:] == ["2 notices"]
        assert postbox.letters[1].get_content().count("No progress") == 2

    def test_what_waits_for_the_morning_writes_nothing_meanwhile(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, MAIL + '[quiet]\nhours = "20:00-07:30"\n')
        line.now = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
        told(line, notice())
        runtime = line.app.runtime()
        runtime.store = SimpleNamespace(read=line.app.store.read)
        tell_people(runtime, Counter())


class TestStanding:
    CONFIG = MAIL + '[notices]\n"parked flow" = ["ops"]\n"sync trouble" = ["ops"]\n'

    def test_trouble_and_its_end_are_told_once_each(
        self, tmp_path: Path, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BATON_SECRET_OPS", f"{postbox.url}/ops%40northwind.example")
        line = line_with(tmp_path, self.CONFIG)

        def ended(error: RetryableError | None) -> None:
            with line.app.store.write() as tx:
                failing.note(tx, "pull:portal", error, line.now)
            line.now += timedelta(minutes=6)
            tell_people(line.app.runtime(), Counter())

        ended(RetryableError("portal: no answer"))
        ended(RetryableError("portal: no answer"))
        ended(None)
        ended(None)
        assert postbox.subjects() == ["portal fails", "portal works again"]

    def test_what_mends_itself_within_minutes_is_nobodys_trouble(self, tmp_path: Path, postbox: Postbox) -> None:
        line = line_with(tmp_path, self.CONFIG)
        with line.app.store.write() as tx:
            failing.note(tx, "pull:portal", RetryableError("x"), line.now)
        tell_people(line.app.runtime(), Counter())
        with line.app.store.write() as tx:
            failing.note(tx, "pull:portal", None, line.now)
        line.now += HOUR
        tell_people(line.app.runtime(), Counter())
        assert postbox.letters == []
