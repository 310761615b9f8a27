"""A CRM that holds people already: read in, matched, adopted; nobody comes twice, and what is there stays."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.daemon import Daemon
from connector.model.errors import RetryableError
from connector.model.lead import Link
from connector.runs.pull import pull
from connector.runs.read_in import is_read_in, read_back
from connector.runs.release import release_lead
from connector.runs.sync import work
from tests.line import Line

STREAMS = '["user", "account", "contact", "lead", "opportunity", "task"]'
SETTINGS = f"""\
crm_streams = {STREAMS}
look_up_batch = 50
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
"""
WAITS = "waits for the read-in of crm"


def new_line(folder: Path, settings: str = SETTINGS, flow: str = "", **more: Any) -> Line:
    line = Line(folder, crm_settings=settings, flow=flow, **more)
    for name in ("petra", "lena", "tom"):
        line.crm.make("user", {"email": f"{name}@northwind.example"}, line.now, crm_id=f"U-{name}")
    return line


def read(line: Line) -> Counter[str]:
    counts: Counter[str] = Counter()
    read_back(line.app.runtime(), "crm", counts)
    return counts


def asked(line: Line, *numbers: int) -> None:
    for number in numbers:
        line.person(number, **{"name.family": f"Weber{number}", "phone": f"030 1234{number:03}"})
        line.did(number, "demo_request")


def there(line: Line, object: str) -> list[dict[str, Any]]:
    return [thing.values for thing in line.crm.things(object)]


def test_nothing_is_handed_over_before_the_read_in(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    asked(line, 1)
    line.crm.fault("changes", "throttled", times=1)
    result = line.sync()
    assert result.counts[WAITS] == 1
    assert line.crm_counts() == {"user": 3}
    assert line.sync().counts["handed over"] == 1
    with line.app.store.read() as tx:
        assert is_read_in(tx, "crm")


def test_an_open_lead_is_adopted_with_its_owner_and_what_a_person_filled(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    values = {"email": "ANA1@Firm.example ", "name.family": "Weber", "owner": "petra@northwind.example",
              "job_title": "Head of IT", "city": ""}  # fmt: skip
    line.crm.make("lead", values, line.now, crm_id="00Q1")
    asked(line, 1)
    line.person(1, city="Berlin")
    line.sync()
    (handoff,) = line.handoffs("open")
    assert (handoff.owner, handoff.record, handoff.target) == ("petra@northwind.example", "", "crm")
    assert "the same email as lead 00Q1" in handoff.routed_by
    (lead,) = there(line, "lead")
    assert (lead["job_title"], lead["owner"], lead["city"]) == ("Head of IT", "petra@northwind.example", "Berlin")
    assert lead["score.total"] > 0
    (task,) = line.crm.things("task")
    assert task.parent_id == "00Q1"
    assert line.lead(1).owner == "petra@northwind.example"


def test_a_lead_whose_owner_has_left_is_routed_and_given_the_new_owner(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.edit("U-petra", {"active": False}, line.now)
    line.crm.make("lead", {"email": "ana1@firm.example", "owner": "petra@northwind.example"}, line.now)
    asked(line, 1)
    line.sync()
    (handoff,) = line.handoffs("open")
    assert handoff.owner in ("lena@northwind.example", "tom@northwind.example")
    assert there(line, "lead")[0]["owner"] == handoff.owner


@pytest.mark.parametrize(
    ("said", "record", "owner"),
    [("task on contact", "contact:003", "lena"), ("tell owner", "account:001", "petra")],
)
def test_a_customer_gets_a_task_and_no_second_record(tmp_path: Path, said: str, record: str, owner: str) -> None:
    line = new_line(tmp_path, flow=f'existing = {{ customer = "{said}" }}')
    account = {"customer": True, "owner": "petra@northwind.example", "company.domain": "https://www.firm.example/"}
    line.crm.make("account", account, line.now, crm_id="001")
    line.crm.make(
        "contact", {"email": "ana1@firm.example", "account": "001", "owner": "lena@northwind.example"},
        line.now, crm_id="003",
    )  # fmt: skip
    asked(line, 1)
    line.sync()
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == (record, f"{owner}@northwind.example")
    assert line.crm_counts() == {"user": 3, "account": 1, "contact": 1, "task": 1, "note": 1}
    (task,) = line.crm.things("task")
    assert task.parent_id == record.partition(":")[2]
    assert task.values["owner"] == handoff.owner
    line.did(1, "pricing_view")
    line.person(1, job_title="Head of everything")
    line.sync(timedelta(hours=1))
    assert "lead" not in line.crm_counts()


def test_who_is_in_an_open_deal_goes_to_its_owner(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make("account", {"customer": True, "owner": "lena@northwind.example"}, line.now, crm_id="001")
    line.crm.make("contact", {"email": "ana1@firm.example", "account": "001"}, line.now, crm_id="003")
    line.crm.make(
        "opportunity", {"account": "001", "owner": "petra@northwind.example", "is_open": True}, line.now, crm_id="006"
    )
    asked(line, 1)
    line.sync()
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == ("opportunity:006", "petra@northwind.example")
    (task,) = line.crm.things("task")
    assert task.parent_id == "006"
    assert task.values["subject"].endswith("of a company in an open deal")


def test_a_converted_lead_is_the_contact_it_became(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make("lead", {"email": "ana1@firm.example", "name.family": "Weber1"}, line.now, crm_id="00Q")
    became = line.crm.convert("00Q", line.now)
    line.crm.edit(became["contact"], {"email": "ana.new@firm.example"}, line.now)
    asked(line, 1)
    line.sync()
    (handoff,) = line.handoffs("open")
    assert handoff.record == f"contact:{became['contact']}"
    assert "which is contact" in handoff.routed_by


def test_phone_and_family_name_find_whom_a_mistyped_address_hides(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make(
        "lead", {"email": "ana@firn.example", "phone": "+49 (30) 12-34001", "name.family": " WEBER1"}, line.now
    )
    line.crm.make("lead", {"email": "x@firm.example", "phone": "0301234002", "name.family": "Schmidt"}, line.now)
    asked(line, 1, 2)
    line.sync()
    assert line.crm_counts()["lead"] == 3
    assert line.sync().counts["looked up"] == 0


def test_a_link_of_another_connector_is_used(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make("lead", {"email": "someone@else.example"}, line.now, crm_id="00Q7")
    line.person(1)
    line.sync()
    with line.app.store.write() as tx:
        tx.intake.put_links([Link("crm", "contact", "00Q7", line.lead(1).id, origin="portal")])
    line.did(1, "demo_request")
    line.sync(timedelta(hours=1))
    assert line.crm_counts()["lead"] == 1
    assert there(line, "lead")[0]["score.total"] > 0


def test_the_account_of_the_domain_gives_the_owner(tmp_path: Path) -> None:
    text = 'to = "sales"'
    line = new_line(tmp_path)
    line.crm.make("account", {"company.domain": "firm.example", "owner": "petra@northwind.example"}, line.now)
    config = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(config.replace(f"order = [{{ {text} }}]", f'order = [{{ to = "account owner" }}, {{ {text} }}]'))
    asked(line, 1)
    line.sync()
    assert [one.owner for one in line.handoffs("open")] == ["petra@northwind.example"]
    assert line.crm_counts()["lead"] == 1


def test_who_came_in_after_the_read_in_is_looked_up_in_full_batches_and_once(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.sync()
    asked(line, *range(1, 121))
    read(line)
    # Made between the last reading and the handoff: only the CRM itself knows.
    line.crm.make("lead", {"email": "ana7@firm.example"}, line.now, crm_id="00Q7")
    runtime, rows = line.app.runtime(), line.app.rows()
    counts: Counter[str] = Counter()
    pull(runtime, "portal", rows, counts)
    assert work(runtime, rows, counts) == []
    assert counts["looked up"] == 120
    assert [call.size for call in line.crm.calls("look_up")] == [50, 50, 20]
    assert counts["there already"] == 1
    line.sync()
    assert line.crm_counts()["lead"] == 120
    assert len(line.crm.calls("look_up")) == 3


def test_whom_nobody_takes_is_not_looked_up_at_every_pass(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    config = (tmp_path / "config.toml").read_text("utf-8")
    away = config.replace('email = "lena@northwind.example"', 'email = "lena@northwind.example", open_at_most = 1')
    line.reopen(away.replace('email = "tom@northwind.example"', 'email = "tom@northwind.example", open_at_most = 1'))
    asked(line, 1, 2, 3)
    line.sync()
    assert len(line.handoffs("nobody")) == 1
    assert len(line.crm.calls("look_up")) == 1
    line.sync(timedelta(minutes=5))
    assert len(line.crm.calls("look_up")) == 1
    line.sync(timedelta(hours=2))
    assert len(line.crm.calls("look_up")) == 2


@pytest.mark.parametrize("fault", ["refused", "server_error"])
def test_a_crm_that_cannot_be_asked_stops_its_flow_only(tmp_path: Path, fault: Any) -> None:
    line = new_line(tmp_path)
    line.sync()
    asked(line, 1)
    line.crm.fault("look_up", fault)
    result = line.sync()
    assert [name for name, _ in result.failures] == ["crm"]
    assert len(line.handoffs("waiting")) == 1
    assert line.sync().counts["handed over"] == 1


def test_several_records_of_one_person_are_told(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    for crm_id in ("00Q2", "00Q1"):
        line.crm.make("lead", {"email": "ana1@firm.example"}, line.now, crm_id=crm_id)
    asked(line, 1)
    line.sync()
    notices = [one.reason for one in line.waiting_for_people("notice")]
    assert notices == ["several records are this person: lead 00Q1 is used, not lead 00Q2"]
    assert [task.parent_id for task in line.crm.things("task")] == ["00Q1"]


def test_two_leads_of_ours_that_are_one_in_the_crm_share_its_record(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make("lead", {"email": "ana1@firm.example", "phone": "0301234567", "name.family": "Weber"}, line.now,
                  crm_id="00Q1")  # fmt: skip
    line.person(1, phone="030 1234567")
    # Without a given name it is not sure that they are one lead.
    line.person(2, phone="030/1234567", **{"name.given": ""})
    for number in (1, 2):
        line.did(number, "demo_request")
    line.sync()
    assert line.crm_counts()["lead"] == 1
    assert [task.parent_id for task in line.crm.things("task")] == ["00Q1", "00Q1"]
    assert sorted(one.record for one in line.handoffs("open")) == ["", "lead:00Q1"]


def test_a_shared_mailbox_is_nobody(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    line.crm.make("contact", {"email": "info@firm.example", "name.family": "Reception"}, line.now)
    line.person(1, email="info@firm.example")
    line.did(1, "demo_request")
    line.sync()
    (handoff,) = line.handoffs("open")
    assert handoff.record == ""
    assert line.crm_counts()["lead"] == 1


def test_where_leads_are_contacts_a_plain_contact_is_adopted(tmp_path: Path) -> None:
    line = new_line(tmp_path, SETTINGS + 'lead_is = "contact"\n')
    line.crm.make("lead", {"email": "ana1@firm.example", "owner": "petra@northwind.example"}, line.now, crm_id="51")
    asked(line, 1)
    line.sync()
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == ("", "petra@northwind.example")
    (thing,) = line.crm.things("lead")
    assert thing.values["score.total"] > 0


def test_a_field_that_a_person_changed_stays_and_ours_go_on(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    asked(line, 1)
    line.sync()
    (thing,) = line.crm.things("lead")
    line.now += timedelta(hours=1)
    line.crm.edit(thing.crm_id, {"job_title": "Chief of staff", "owner": "petra@northwind.example"}, line.now)
    line.person(1, job_title="Director IT and more", city="Bonn")
    line.sync(timedelta(minutes=10))
    (values,) = there(line, "lead")
    assert (values["job_title"], values["owner"], values["city"]) == (
        "Chief of staff", "petra@northwind.example", "Bonn",
    )  # fmt: skip


def test_what_we_wrote_lately_is_not_taken_for_a_persons_while_the_mirror_is_behind(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    asked(line, 1)
    line.sync()
    line.sync(timedelta(hours=1))
    for title in ("Head of IT", "Head of all IT"):
        line.crm.fault("changes", "server_error", times=6)
        line.person(1, job_title=title)
        line.sync(timedelta(hours=1))
        assert there(line, "lead")[0]["job_title"] == title


def test_a_released_lead_is_looked_for_too(tmp_path: Path) -> None:
    line = new_line(tmp_path, mode="review")
    asked(line, 1)
    line.sync()
    line.crm.make("contact", {"email": "ana1@firm.example"}, line.now, crm_id="003")
    released = release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra")
    assert released is not None
    assert released.record == "contact:003"


def test_who_came_in_since_the_last_look_up_is_found_when_a_person_releases_a_lead(tmp_path: Path) -> None:
    line = new_line(tmp_path)
    config = (tmp_path / "config.toml").read_text("utf-8")
    away = config.replace('email = "lena@northwind.example"', 'email = "lena@northwind.example", open_at_most = 1')
    line.reopen(away.replace('email = "tom@northwind.example"', 'email = "tom@northwind.example", open_at_most = 1'))
    asked(line, 1, 2, 3)
    line.sync()
    (left,) = line.handoffs("nobody")
    (email,) = [line.lead(number).fields["email"] for number in (1, 2, 3) if line.lead(number).id == left.lead_id]
    line.crm.make("contact", {"email": email, "owner": "petra@northwind.example"}, line.now, crm_id="003")
    released = release_lead(line.app.runtime(), line.app.rows, left.lead_id, "petra")
    assert released is not None
    assert (released.record, released.owner) == ("contact:003", "petra@northwind.example")


def test_nobody_is_released_before_the_read_in(tmp_path: Path) -> None:
    line = new_line(tmp_path, mode="review")
    asked(line, 1)
    line.crm.fault("changes", "server_error", times=6)
    line.sync()
    with pytest.raises(RetryableError, match=WAITS):
        release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra")


def test_a_cursor_that_stands_ends_the_reading(tmp_path: Path) -> None:
    line = new_line(tmp_path, SETTINGS + "cursor_stuck = true\n")
    with pytest.raises(RetryableError, match="cursor did not move"):
        read(line)


def test_the_read_in_goes_on_where_it_stopped(tmp_path: Path) -> None:
    line = new_line(tmp_path, SETTINGS + "page_size = 10\n")
    for number in range(35):
        line.crm.make("contact", {"email": f"c{number}@firm.example"}, line.now)
    line.crm.fault("changes", "server_error", passes=4)
    with pytest.raises(RetryableError):
        read(line)
    before = len(line.crm.calls("changes"))
    with line.app.store.read() as tx:
        assert not is_read_in(tx, "crm")
        assert tx.mirror.counts("crm")["contact"] == 20
    assert read(line)["contact read back"] == 15
    assert len(line.crm.calls("changes")) - before < 10
    with line.app.store.read() as tx:
        assert tx.mirror.counts("crm")["contact"] == 35


def test_the_daemon_says_once_that_a_crm_cannot_be_asked_and_that_it_works_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = new_line(tmp_path)
    line.sync()
    asked(line, 1)
    line.crm.fault("look_up", "server_error", times=2)
    daemon = Daemon(lambda: line.app)
    caplog.set_level("INFO", "baton.daemon")
    for _ in range(3):
        line.now += timedelta(minutes=2)
        daemon.tick()
    said = [record.message for record in caplog.records if "hand over" in record.message]
    assert [text.split(": ")[0] for text in said] == ["hand over:crm", "hand over:crm"]
    assert "RetryableError" in said[0]
    assert said[1].endswith("works again")
    assert line.crm_counts()["lead"] == 1
