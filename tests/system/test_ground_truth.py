"""A CRM that holds half of the people already, each typed a little differently: nobody twice, the right record."""

from __future__ import annotations

import random
from pathlib import Path

from click.testing import CliRunner

from connector.cli.root import baton
from connector.runs.plan import rehearse
from connector.steps.telling.words import Words
from tests.line import Line

SETTINGS = """\
file = "crm.world"
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
look_up_batch = 50
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
"""
KINDS = ("nobody", "lead", "contact", "customer", "deal", "converted")
PEOPLE = 90


def typed(email: str, phone: str, chance: random.Random) -> dict[str, str]:
    """The same keys as another person typed them; where the address is wrong, the phone is right."""
    number = f"0{phone.removeprefix('+49')}"
    phones = (phone, number, f"{number[:3]} / {number[3:6]}-{number[6:]}", f"+49 (0){number[1:]}", f"0049 {number[1:]}")
    wrong = email.replace("@", ".x@")
    emails = (email, email.upper(), f" {email} ", f"<{email}>", wrong)
    return {"email": chance.choice(emails), "phone": chance.choice(phones)}


def fill(line: Line) -> dict[int, tuple[str, str]]:
    """Put the people on both sides; which record each shall be handed over on: (record, id), ("", "") for a new one."""
    chance, truth = random.Random(3), {}
    for name in ("petra", "lena", "tom"):
        line.crm.make("user", {"email": f"{name}@northwind.example"}, line.now, crm_id=f"U-{name}")
    for number in range(PEOPLE):
        email, phone, family = f"p{number}@firm{number}.example", f"+493012{number:05}", f"Weber{number}"
        line.person(number, email=email, phone=phone, **{"name.family": family})
        line.did(number, "demo_request")
        truth[number] = there(line, KINDS[number % len(KINDS)], number, chance, email, phone, family)
    return truth


def there(
    line: Line, kind: str, number: int, chance: random.Random, email: str, phone: str, family: str
) -> tuple[str, str]:
    keys = {**typed(email, phone, chance), "name.family": chance.choice((family, family.upper(), f" {family}"))}
    owned = {**keys, "owner": "petra@northwind.example"}
    if kind == "nobody":
        # Someone else of that name, and someone else at that number.
        line.crm.make("lead", {"email": f"other{number}@else.example", "name.family": family}, line.now)
        line.crm.make("contact", {"phone": phone, "name.family": "Somebody"}, line.now)
        return "", ""
    if kind in ("lead", "converted"):
        lead = line.crm.make("lead", owned, line.now)
        if kind == "lead":
            return "", lead
        became = line.crm.convert(lead, line.now)
        line.crm.edit(became["contact"], {"email": f"new{number}@firm.example"}, line.now)
        return f"contact:{became['contact']}", became["contact"]
    account = line.crm.make("account", {"customer": kind == "customer", "owner": "U-petra"}, line.now)
    contact = line.crm.make("contact", {**owned, "account": account}, line.now)
    if kind == "contact":
        return f"contact:{contact}", contact
    if kind == "customer":
        return f"account:{account}", account
    deal = line.crm.make("opportunity", {"account": account, "owner": "U-petra"}, line.now)
    return f"opportunity:{deal}", deal


def test_nobody_comes_twice_and_everyone_is_met_on_the_right_record(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS)
    truth = fill(line)
    before = line.crm_counts()
    result = line.sync()
    new = sum(record == ("", "") for record in truth.values())
    assert result.counts["handed over"] == PEOPLE
    assert result.counts["there already"] == PEOPLE - new
    after = line.crm_counts()
    assert after == {**before, "lead": before["lead"] + new, "task": PEOPLE, "note": PEOPLE}
    handoffs = {one.lead_id: one for one in line.handoffs("open")}
    tasks = {task.our_key.split("handoff-")[1].split(":")[0]: task for task in line.crm.things("task")}
    for number, (record, crm_id) in truth.items():
        handoff = handoffs[line.lead(number).id]
        assert (number, handoff.record) == (number, record)
        if crm_id:
            assert (number, tasks[str(handoff.id)].parent_id) == (number, crm_id)
            assert handoff.owner == "petra@northwind.example"
    assert line.waiting_for_people("notice") == []
    quiet = line.sync()
    assert line.outbox("waiting", "dead", "parked") == []
    assert line.crm_counts() == after
    assert quiet.counts["handed over"] == 0


def test_two_who_share_a_number_and_a_family_name_are_not_taken_for_each_other(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS)
    theirs = {"phone": "+49301234567", "name.family": "Weber", "name": "Nora Weber"}
    line.person(1, phone=theirs["phone"])
    line.did(1, "demo_request")
    lead = line.crm.make("lead", {**theirs, "email": "nora@else.example"}, line.now)
    line.sync()
    (task,) = line.crm.things("task")
    assert (line.crm_counts()["lead"], task.parent_id != lead) == (2, True)


def test_a_plan_says_who_would_be_met_where_and_writes_nothing(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS, mode="observe")
    truth = fill(line)
    line.sync()
    before, asked = line.crm_counts(), len(line.crm.calls())
    words = Words("en", line.app.config.zone, lambda text: text, line.now)
    rows = rehearse(line.app.runtime(), line.app.rows(), words, as_live=True)
    assert (line.crm_counts(), len(line.crm.calls())) == (before, asked)
    said = {row.lead_id: row for row in rows}
    for number, (record, crm_id) in truth.items():
        row = said[line.lead(number).id]
        expected = ("change" if crm_id and not record else "create", bool(crm_id))
        assert (number, row.action, bool(row.kind)) == (number, *expected)
        if crm_id:
            assert crm_id in row.reason
    line.app.close()


def test_before_the_read_in_a_plan_says_what_everyone_waits_for(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS)
    fill(line)
    line.crm.fault("changes", "server_error", times=9)
    line.sync()
    words = Words("en", line.app.config.zone, lambda text: text, line.now)
    rows = rehearse(line.app.runtime(), line.app.rows(), words)
    assert {(row.action, row.reason) for row in rows} == {("wait", "waits for the read-in of crm")}


def test_stamps_from_the_command_line(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS, mode="observe")
    truth = fill(line)
    line.sync()
    line.app.close()
    config, file = str(tmp_path / "config.toml"), str(tmp_path / "stamps.json")

    def run(*arguments: str) -> tuple[int, str]:
        answer = CliRunner().invoke(baton, ["--config", config, *arguments], prog_name="baton")
        return answer.exit_code, answer.output

    known = sum(crm_id != "" for _, crm_id in truth.values())
    code, said = run("plan", "--stamps", "-o", file)
    assert (code, said.splitlines()[0]) == (0, f"{known} records of leads of ours lack our key")
    line.crm.edit(next(thing.crm_id for thing in line.crm.things("contact") if thing.values.get("email")),
                  {"email": "changed@else.example"}, line.now)  # fmt: skip
    code, said = run("apply", file)
    assert code == 7
    assert f"{known - 1} records get our key" in said
    assert "it has changed since the plan was made" in said
    assert run("apply", file)[0] == 7
    (tmp_path / "broken.json").write_text("no", "utf-8")
    assert run("apply", str(tmp_path / "broken.json"))[0] == 2
    assert run("plan", "--stamps", "--as-live")[0] == 2
