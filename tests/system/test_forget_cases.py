"""Forgetting on a line in memory: what hinders it, what brings people back, and what is handed out of them before."""

from __future__ import annotations

import json
import stat
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connector.cli.find import matches
from connector.model.errors import RetryableError
from connector.model.mirror import CrmRecord
from connector.model.records import Rejected
from connector.runs.export import NAMES, everything
from connector.runs.forget import UNFINISHED, finish, forget, look, was_forgotten
from connector.runs.forgotten import Barred
from connector.runs.kept_files import remember_plan
from connector.runs.set_aside import SetAside
from state import compact
from state.personal import PARTS
from tests.line import Line
from tests.system.conftest import Shop

MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)
LEFT_OUT = "of people who were forgotten"


@pytest.fixture
def line(tmp_path: Path) -> Line:
    made = Line(tmp_path)
    for number in (1, 2):
        made.person(number)
        made.did(number, "demo_request")
    made.sync()
    return made


def gone(line: Line, number: int = 1) -> int:
    """Forget a person of the portal; returns the lead's number."""
    lead_id = line.lead(number).id
    forget(line.app.runtime(), lead_id)
    return lead_id


def leads(line: Line) -> set[str]:
    """Addresses of all leads."""
    with line.app.store.read() as tx:
        return {str(one.fields.get("email")) for one in tx.intake.leads(tx.intake.lead_numbers()).values()}


def read_all_again(line: Line) -> None:
    with line.app.store.write() as tx:
        for stream in ("contacts", "activities"):
            tx.ledgers.save_cursor("portal", stream, "", line.now)


class TestWhatHinders:
    def test_nothing_is_erased_while_a_write_is_under_way(self, line: Line) -> None:
        line.person(1, job_title="CTO")
        line.crm.fault("write", "timeout")
        line.sync(MINUTES)
        assert line.outbox("unknown")
        lead_id = line.lead(1).id
        assert look(line.app.runtime(), lead_id).under_way == 1
        with pytest.raises(RetryableError, match="1 writes about this person are on their way"):
            forget(line.app.runtime(), lead_id)
        assert line.lead(1).fields["name.given"] == "Ana"
        line.sync(HOUR)
        gone(line)
        assert leads(line) == {"ana2@firm.example"}

    def test_what_waits_is_never_sent(self, line: Line) -> None:
        line.crm.fault("write", "throttled", times=100)
        line.person(1, job_title="CTO")
        line.person(2, job_title="CTO")
        line.sync(MINUTES)
        assert {row.lead_id for row in line.outbox("waiting")} == {1, 2}
        gone(line)
        assert {row.lead_id for row in line.outbox("waiting")} == {2}

    def test_killed_before_the_file_is_written_anew_it_is_finished_by_the_next(self, line: Line) -> None:
        gone(line)
        with line.app.store.read() as tx:
            assert tx.admin.meta(UNFINISHED)
            assert was_forgotten(tx, "ana1@firm.example", ["portal"])
            assert was_forgotten(tx, "1", ["portal"])
            assert not was_forgotten(tx, "ana2@firm.example", ["portal"])
        assert finish(line.app.runtime(), lambda: compact(line.app.config.database)) == "done"
        assert compact("postgresql://db.example/baton") == "by itself"
        with line.app.store.read() as tx:
            assert not tx.admin.meta(UNFINISHED)

    def test_whoever_still_reads_keeps_the_log_from_being_emptied(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("state.engine.BUSY_SECONDS", 0.05)
        gone(line)
        with line.app.store.read() as tx:
            tx.admin.store_id()
            assert finish(line.app.runtime(), lambda: compact(line.app.config.database)) == "busy"
        assert finish(line.app.runtime(), lambda: compact(line.app.config.database)) == "done"


class TestComingBack:
    def test_a_page_does_not_bring_anybody_back(self, line: Line) -> None:
        gone(line)
        line.person(1, job_title="CTO")
        line.did(1, "visit", line.now + MINUTES)
        counts = line.sync(HOUR).counts
        assert (counts[LEFT_OUT], counts["new leads"]) == (2, 0)
        # Nor does another record with the same address, or one that tells it in small letters.
        line.person(7, email="ANA1@firm.example")
        read_all_again(line)
        assert line.sync(MINUTES).counts["new leads"] == 0
        assert leads(line) == {"ana2@firm.example"}
        with line.app.store.read() as tx:
            assert tx.reports.totals()["waiting_activities"] == 0

    def test_a_record_that_cannot_be_used_is_not_set_aside(self, line: Line) -> None:
        gone(line)
        broken = {"id": "x", "person": "1", "event": "visit", "at": "never"}
        line.portal.put("activities", "x", broken, line.now + MINUTES)
        line.sync(HOUR)
        assert line.waiting_for_people("set_aside") == []
        line.portal.put("activities", "y", {**broken, "id": "y", "person": "2"}, line.now + MINUTES)
        line.sync(HOUR)
        (item,) = line.waiting_for_people("set_aside")
        assert item.body["values"]["person"] == "2"

    def test_a_row_that_names_them_is_not_set_aside(self, line: Line) -> None:
        gone(line)
        aside = SetAside("portal")
        rows = [Rejected(f"leads.csv:{n}", "too few columns", f"{n};Ana;ana{n}@firm.example") for n in (1, 2)]
        aside.rejected("contacts", rows)
        with line.app.store.read() as tx:
            kept = Barred(tx, "portal", Counter()).items(aside.take())
        assert [item.where for item in kept] == ["leads.csv:2"]

    def test_the_crm_does_not_bring_them_back_into_the_mirror(self, line: Line) -> None:
        with line.app.store.read() as tx:
            lead = line.lead(1)
            receipts = tx.outbox.receipts("crm", "lead", [f"{tx.admin.store_id()}-{lead.id}"])
        gone(line)
        (receipt,) = receipts.values()
        with line.app.store.read() as tx:
            counts = Counter[str]()
            hers = CrmRecord("lead", receipt.crm_id)
            mailed = CrmRecord("contact", "new", email="ana1@firm.example")
            keyed = CrmRecord("contact", "other", our_key=receipt.our_key)
            task = CrmRecord("task", "t", person=receipt.crm_id)
            other = CrmRecord("lead", "zz", email="ana2@firm.example")
            assert Barred(tx, "crm", counts).records([hers, mailed, keyed, task, other]) == [other]
            assert counts == {LEFT_OUT: 4}

    @pytest.mark.parametrize(
        ("event", "later", "back"),
        [
            ("form_submit", True, True),
            ("demo_request", True, True),
            ("visit", True, False),
            ("form_submit", False, False),
        ],
    )
    def test_only_what_they_ask_for_later_brings_them_back(
        self, line: Line, event: str, later: bool, back: bool
    ) -> None:
        before = gone(line)
        line.did(1, event, line.now + MINUTES if later else line.now - HOUR * 2)
        line.person(1)
        line.sync(HOUR)
        # Their record is read when it changes, or with the daily sweep, at the latest.
        line.person(1, job_title="CTO")
        line.sync(MINUTES)
        assert ("ana1@firm.example" in leads(line)) is back
        if back:
            assert line.lead(1).id > before
            assert line.lead(1).created_at is not None

    def test_nobody_else_with_the_same_address_is_kept_out_or_erased(self, line: Line) -> None:
        home = "sommer@gmx.example"
        line.person(3, email=home, **{"name.given": "Ina", "name.family": "Sommer"})
        line.person(4, email=home, **{"name.given": "Jan", "name.family": "Sommer"})
        line.sync(MINUTES)
        assert line.lead(3).id != line.lead(4).id
        with line.app.store.write() as tx:
            tx.mirror.put("crm", [CrmRecord("contact", "jan", email=home, given_name="Jan")], line.now)
        gone(line, 3)
        with line.app.store.read() as tx:
            assert list(tx.mirror.get("crm", "contact", ["jan"])) == ["jan"]
        line.person(5, email=home, **{"name.given": "Jan", "name.family": "Sommer"})
        line.person(3, email=home, **{"name.given": "Ina", "name.family": "Sommer-Weber"})
        line.sync(MINUTES)
        assert line.lead(5).id == line.lead(4).id
        with line.app.store.read() as tx:
            assert tx.intake.links("portal", "contact", ["3"]) == {}

    def test_nobody_else_with_the_same_telephone_is_kept_out(self, line: Line) -> None:
        line.person(3, phone="+49 30 5550100")
        line.sync(MINUTES)
        gone(line, 3)
        line.person(4, phone="+49 30 5550100")
        line.person(5, phone="+49 30 5550100", email="")
        line.sync(MINUTES)
        assert "ana4@firm.example" in leads(line)
        with line.app.store.read() as tx:
            assert "5" not in tx.intake.links("portal", "contact", ["4", "5"])


def test_our_number_is_told_from_the_id_of_a_platform(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(2)
    line.sync()
    line.person(1)
    line.sync()
    assert sorted(matches(line.app, "1")) == [1, 2]
    assert (matches(line.app, "lead:1"), matches(line.app, "lead:2")) == ([1], [2])
    assert matches(line.app, "lead:ana1@firm.example") == []
    line.app.close()


class TestExport:
    def test_every_table_that_is_about_people_is_handed_out(self, line: Line) -> None:
        assert NAMES.keys() == PARTS.keys()
        assert len(set(NAMES.values())) == len(NAMES)
        said = everything(line.app.runtime(), 1)
        assert set(NAMES.values()) <= said.keys()
        assert said["lead"][0]["body"]["fields"]["email"] == "ana1@firm.example"
        assert [one["kind"] for one in said["activities"]] == ["demo_request"]
        assert said["handoffs"][0]["brief"]
        assert {one["object"] for one in said["writes"]} == {"lead", "task", "note"}
        assert "ana2@firm.example" not in str(said)

    def test_from_the_command_line(self, shop: Shop, tmp_path: Path) -> None:
        shop.baton("sync")
        file = tmp_path / "ana.json"
        answer = shop.baton("export", "ana@alba.example", "-o", str(file))
        assert answer.exit_code == 0, answer.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        said = json.loads(file.read_text("utf-8"))
        assert said == {**json.loads(shop.baton("export", "1").stdout), "at": said["at"]}
        assert said["activities"][0]["at"].endswith("+00:00")
        assert shop.baton("export", "nobody@nowhere.example").exit_code == 2

    def test_what_forget_tells(self, shop: Shop) -> None:
        shop.baton("sync")
        assert shop.baton("state", "backup", str(shop.folder / "copy.db")).exit_code == 0
        asked = shop.baton("forget", "ana@alba.example")
        assert (asked.exit_code, "would be forgotten: lead 1" in asked.stdout) == (2, True)
        told = shop.baton("forget", "ana@alba.example", "--yes")
        assert told.exit_code == 0, told.output
        assert "forgotten: lead 1" in told.stdout
        assert "export contact: 1" in told.stdout
        assert "copy.db" in told.stdout
        assert "Ana" not in told.stdout
        again = shop.baton("forget", "ana@alba.example", "--yes")
        assert "already forgotten" in again.stdout
        for text in ("1", "lead:1", "ana@alba.example"):
            answer = shop.baton("why", text)
            assert (answer.exit_code, "forgotten: nothing is known of them" in answer.stderr) == (2, True)
        assert shop.baton("sync").exit_code == 0


def test_an_older_copy_says_who_is_to_be_forgotten_again(shop: Shop) -> None:
    shop.baton("sync")
    assert shop.baton("state", "backup", str(shop.folder / "copy.db")).exit_code == 0
    assert shop.baton("forget", "ana@alba.example", "--yes").exit_code == 0
    answer = shop.baton("state", "restore", str(shop.folder / "copy.db"))
    assert answer.exit_code == 0, answer.output
    assert "forgotten since that copy was made: baton forget lead:1 --yes" in answer.stdout
    assert "lead:2" not in answer.stdout
    assert shop.baton("forget", "lead:1", "--yes").exit_code == 0
    assert "already forgotten" in shop.baton("forget", "ana@alba.example", "--yes").stdout


def test_a_file_that_is_not_written_anew_yet_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.baton("sync")
    with monkeypatch.context() as patched:
        patched.setattr("state.compact", lambda _place: "busy")
        assert "say it once more" in shop.baton("forget", "ana@alba.example", "--yes").stdout
    assert shop.told("status")["forgotten_in_part"]
    shown = " ".join(shop.baton("status").stdout.split())
    assert "forgotten, and the store's file was not written anew yet 1 baton forget LEAD --yes" in shown
    shop.baton("forget", "ana@alba.example", "--yes")
    assert not shop.told("status")["forgotten_in_part"]


def test_of_the_desk_too_nothing_is_left(shop: Shop) -> None:
    shop.baton("sync")
    shop.baton("forget", "ana@alba.example", "--yes")
    files = [file for file in shop.folder.iterdir() if file.name.startswith("baton.db")]
    for word in (b"ana@alba", b"Alba GmbH", b"Ana Alba", b"alba.example"):
        assert not [file.name for file in files if word in file.read_bytes()], word
    assert any(b"Berg AG" in file.read_bytes() for file in files)


def test_somebody_who_is_no_lead_can_be_forgotten_too(line: Line) -> None:
    who = "stray@firm.example"
    line.portal.put(
        "activities", "x", {"id": "x", "person": who, "event": "visit", "at": line.now.isoformat()}, line.now
    )
    line.portal.put("activities", "y", {"id": "y", "person": who, "event": "visit", "at": "never"}, line.now)
    line.sync(MINUTES)
    assert look(line.app.runtime(), "nobody@firm.example").rows == {}
    assert look(line.app.runtime(), "Stray@Firm.example").rows == {"activities": 1, "reviews": 1}
    assert everything(line.app.runtime(), who)["activities"][0]["kind"] == "visit"
    forget(line.app.runtime(), who)
    assert look(line.app.runtime(), who).rows == {}
    read_all_again(line)
    line.sync(MINUTES)
    assert look(line.app.runtime(), who).rows == {}
    assert leads(line) == {"ana1@firm.example", "ana2@firm.example"}


def test_a_plan_that_names_them_by_number_goes_and_another_stays(line: Line) -> None:
    files = {}
    for name, number in (("hers", 1), ("his", 2)):
        files[name] = line.folder / f"{name}.json"
        files[name].write_text(json.dumps({"rows": [{"lead": number, "title": "x"}]}), "utf-8")
        with line.app.store.write() as tx:
            remember_plan(tx, files[name], line.now)
    sight = forget(line.app.runtime(), 1)
    assert [one.file for one in sight.files] == [files["hers"]]
    assert (files["hers"].exists(), files["his"].exists()) == (False, True)


def test_what_would_be_erased_and_that_nothing_was_is_one_document(shop: Shop) -> None:
    shop.baton("sync")
    answer = shop.baton("forget", "ana@alba.example", "--output", "json")
    said = json.loads(answer.stdout)
    assert (answer.exit_code, said["forgotten"], said["removed"]["leads"]) == (2, False, 1)
    assert said["error"]["exit_code"] == 2
    assert said["error"]["message"].startswith("nothing was erased; say --yes")
    dry = shop.baton("forget", "ana@alba.example", "--dry-run", "--output", "json")
    assert (dry.exit_code, "error" in json.loads(dry.stdout)) == (0, False)
