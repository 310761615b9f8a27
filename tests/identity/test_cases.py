"""The ten hard cases of docs/identity.md, each through the whole line: who is one lead, and what stays of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from tests.identity.walk import Walk
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    made = Walk(tmp_path / "walk")
    yield made
    made.close()


def yesterday(hour: int) -> str:
    return (datetime.now(UTC) - timedelta(days=1)).strftime(f"%Y-%m-%dT{hour:02}:00:00Z")


def test_1_a_changed_email(walk: Walk) -> None:
    walk.web("1,Ana,Weber,,ana.weber@alba.example,,,Director IT,Alba GmbH,,2026-11-02T09:00:00Z")
    walk.did(f"d1,1,{yesterday(9)},demo", f"d2,1,{yesterday(10)},whitepaper")
    walk.sync()
    before = walk.lead("web:1")
    walk.web("1,Ana,Weber,,ana@weber-consulting.example,,,Director IT,Alba GmbH,,2026-11-20T09:00:00Z")
    walk.sync()
    walk.fair("F1,Ana,Weber,,ana.weber@alba.example,,,,Alba GmbH,,2026-11-21T09:00:00Z")
    walk.sync()
    ana = walk.lead("web:1")
    assert set(walk.lead_ids().values()) == {before.id}
    assert (ana.fields["email"], ana.former) == ("ana@weber-consulting.example", ["ana.weber@alba.example"])
    assert before.score is not None
    assert ana.score is not None
    assert (ana.stage, ana.score.total) == (before.stage, before.score.total)
    assert [one.state for one in walk.handoffs("web:1")] == ["open"]
    assert walk.desk_leads() == ["ana@weber-consulting.example"]
    told = walk.text("why", "ana@weber-consulting.example", "--fields")
    assert "before: ana.weber@alba.example" in told
    assert walk.told("why", "ana.weber@alba.example")["lead"] == ana.id
    assert walk.pairs() == []


def test_2_a_shared_inbox(walk: Walk) -> None:
    walk.web(
        "1,Bo,Berg,,info@berg.example,+49 30 901820,,Head of Purchasing,Berg AG,,2026-11-02T09:00:00Z",
        "2,Cem,Celik,,info@berg.example,+49 30 901820,,Buyer,Berg AG,,2026-11-02T09:00:00Z",
        "3,Ina,Weber,,familie.weber@gmx.de,,,,Weber,,2026-11-02T09:00:00Z",
    )
    walk.did(f"d1,2,{yesterday(9)},demo")
    walk.sync()
    walk.fair("F1,Jan,Weber,,familie.weber@gmx.de,,,,Weber,,2026-11-03T09:00:00Z",
              "F2,Ina,Weber,,Familie.Weber@gmx.de,,,,Weber,,2026-11-03T09:00:00Z")  # fmt: skip
    walk.sync()
    who = walk.lead_ids()
    assert len({who["web:1"], who["web:2"], who["web:3"], who["fair:F1"]}) == 4
    assert who["fair:F2"] == who["web:3"]
    assert (walk.activities("web:1"), [one.kind for one in walk.activities("web:2")]) == ([], ["demo_request"])
    assert walk.lead("web:1").fields["company.domain"] == walk.lead("web:2").fields["company.domain"] == "berg.example"
    assert len(walk.desk_leads()) == 1
    assert all({pair.one, pair.other} != {who["web:1"], who["web:2"]} for pair in walk.pairs())


def test_3_twins_at_one_company(walk: Walk) -> None:
    walk.web(
        "1,Anna,Schmidt,,anna.schmidt@zwei.example,+49 40 440011,,Engineer,Zwei KG,,2026-11-02T09:00:00Z",
        "2,Hanna,Schmidt,,hanna.schmidt@zwei.example,+49 40 440011,,Engineer,Zwei KG,,2026-11-02T09:00:00Z",
        "3,Lukas,Schmitt,,l.schmitt@zwei.example,+49 40 440011,,Engineer,Zwei KG,,2026-11-02T09:00:00Z",
        "4,Jonas,Schmitt,,j.schmitt@zwei.example,+49 40 440011,,Engineer,Zwei KG,,2026-11-02T09:00:00Z",
    )
    walk.did(f"d1,1,{yesterday(9)},demo")
    walk.sync()
    assert len(set(walk.lead_ids().values())) == 4
    assert walk.activities("web:2") == []
    assert walk.desk_leads() == ["anna.schmidt@zwei.example"]
    # Anna and Hanna are a slip of the pen apart: a person is asked, once.
    (pair,) = walk.told("duplicates")["pairs"]
    assert [one["name"] for one in pair["leads"]] == [
        "Anna Schmidt <anna.schmidt@zwei.example>",
        "Hanna Schmidt <hanna.schmidt@zwei.example>",
    ]
    shown = walk.text("duplicates", "show", str(pair["number"]))
    assert "anna.schmidt@zwei.example" in shown
    assert "given name: a slip of the pen apart" in shown
    walk.text("duplicates", "different", str(pair["number"]), "--by", "mona", "--note", "sisters")
    walk.web(
        "1,Anna,Schmidt,,anna.schmidt@zwei.example,+49 40 440011,,Head of IT,Zwei KG,,2026-11-12T09:00:00Z",
        "2,Hanna,Schmidt,,hanna.schmidt@zwei.example,+49 40 440011,,Head of IT,Zwei KG,,2026-11-12T09:00:00Z",
    )
    walk.sync()
    assert walk.pairs() == []
    assert "sisters" in walk.text("duplicates", "decided")


def test_4_a_married_name(walk: Walk) -> None:
    walk.web("1,Eva,Braun,,eva.braun@nord.example,,+49 171 5550101,Head of Sales,Nord Logistik GmbH,,"
             "2026-11-02T09:00:00Z")  # fmt: skip
    walk.did(f"d1,1,{yesterday(9)},demo")
    walk.sync()
    walk.fair("F1,Eva,Lehmann,,eva.lehmann@nord.example,,+49 171 5550101,,Nord Logistik,,2026-11-20T09:00:00Z")
    walk.sync()
    who = walk.lead_ids()
    assert who["web:1"] != who["fair:F1"]
    (pair,) = walk.told("duplicates")["pairs"]
    shown = walk.text("duplicates", "show", str(pair["number"]))
    assert "family name: two family names, as after a marriage" in shown
    assert f"lead {who['web:1']} is both from now on" in walk.text("duplicates", "same", str(pair["number"]))
    walk.sync()
    eva = walk.lead("fair:F1")
    assert (eva.id, eva.former) == (who["web:1"], ["eva.lehmann@nord.example"])
    assert (eva.fields["name.family"], eva.sides["fair"]["name.family"].value) == ("Braun", "Lehmann")
    assert ([one.kind for one in walk.activities("fair:F1")], len(walk.desk_leads())) == (["demo_request"], 1)
    assert [one.state for one in walk.handoffs("fair:F1")] == ["open"]
    told = walk.text("why", str(eva.id), "--fields")
    assert "fair, Fri 20 Nov" in told
    assert "says: Lehmann" in told
    assert "web comes first of those who have a value: web, fair" in told
    # It was a mistake.
    walk.text("duplicates", "undo", str(pair["number"]))
    walk.sync()
    assert walk.lead_ids() == who
    assert (walk.lead("web:1").sides, walk.lead("fair:F1").fields["name.family"]) == ({}, "Lehmann")
    assert (walk.activities("fair:F1"), len(walk.activities("web:1"))) == ([], 1)
    assert [one["number"] for one in walk.told("duplicates")["pairs"]] == [pair["number"]]


def test_5_japanese_and_latin_spelling(walk: Walk) -> None:
    walk.web(
        "1,太郎,山田,ヤマダ タロウ,taro.yamada@aozora.example,03-3224-5000,,部長,株式会社青空,,2026-11-02T09:00:00Z",
        "2,花子,佐藤,,hanako.sato@aozora.example,03-3224-5000,,係長,株式会社青空,,2026-11-02T09:00:00Z",
        "3,健,伊藤,,ken.ito@umi.example,,,課長,株式会社海,,2026-11-02T09:00:00Z",
    )
    walk.did(f"d1,1,{yesterday(9)},demo")
    walk.sync()
    walk.fair(
        "F1,Taro,Yamada,,t.yamada@aozora.example,+81 3 3224 5000,,General Manager,Aozora K.K.,,2026-11-20T09:00:00Z",
        "F2,Hanako,Sato,,hanako.sato@aozora.example,,,,Aozora K.K.,,2026-11-20T09:00:00Z",
        "F3,Ken,Ito,,ito@umi.example,,,,Umi K.K.,,2026-11-20T09:00:00Z",
    )
    walk.sync()
    who = walk.lead_ids()
    # By the reading; by the address, since a name in another script contradicts nobody; without either there is no way.
    assert who["web:1"] == who["fair:F1"]
    assert who["web:2"] == who["fair:F2"]
    assert who["web:3"] != who["fair:F3"]
    assert len(walk.desk_leads()) == 1
    taro = walk.lead("web:1")
    assert (taro.fields["name.family"], taro.sides["fair"]["name.family"].value) == ("山田", "Yamada")
    assert [one.state for one in walk.handoffs("fair:F1")] == ["open"]
    assert walk.pairs() == []
    # What was surely one is two again, if a person says so.
    (joining,) = walk.told("duplicates", "joined")["joinings"]
    assert (joining["how"], joining["by"], joining["lead"]) == ("matching", "", taro.id)
    walk.text("duplicates", "apart", str(joining["number"]))
    walk.sync()
    assert walk.lead_ids()["fair:F1"] != walk.lead_ids()["web:1"]


def test_6_a_personal_and_a_work_address(walk: Walk) -> None:
    walk.web(
        "1,Ida,Olsen,,ida.olsen@fjord.example,,+47 406 12 345,CEO,Fjord AS,yes,2026-11-02T09:00:00Z",
        "2,Ole,Dahl,,ole.dahl@vest.example,,,CTO,Vest AS,,2026-11-02T09:00:00Z",
    )
    walk.did(f"d1,1,{yesterday(9)},demo", f"d2,2,{yesterday(9)},whitepaper")
    walk.sync()
    walk.fair(
        "F1,Ida,Olsen,,ida.olsen@gmail.com,,+47 406 12 345,,Fjord,no,2026-11-20T09:00:00Z",
        "F2,Ole,Dahl,,ole.dahl@gmail.com,,,,Vest,,2026-11-20T09:00:00Z",
    )
    walk.sync()
    who = walk.lead_ids()
    assert who["web:1"] == who["fair:F1"]
    ida = walk.lead("web:1")
    # The order of the sources says which address is hers, and the stricter word about mail counts.
    assert (ida.fields["email"], ida.sides["fair"]["email"].value) == ("ida.olsen@fjord.example", "ida.olsen@gmail.com")
    assert ida.fields["consent.email"] is False
    assert len(walk.desk_leads()) == 1
    assert who["web:2"] != who["fair:F2"]
    (pair,) = walk.told("duplicates")["pairs"]
    assert [one["lead"] for one in pair["leads"]] == [who["web:2"], who["fair:F2"]]
    walk.text("duplicates", "same", str(pair["number"]))
    walk.sync()
    ole = walk.lead("fair:F2")
    assert (ole.id, ole.former) == (who["web:2"], ["ole.dahl@gmail.com"])
    assert [one.kind for one in walk.activities("fair:F2")] == ["download"]
    # By either address, whoever comes with it.
    assert walk.told("why", "ole.dahl@gmail.com")["lead"] == ole.id
    walk.web("4,Ole,Dahl,,ole.dahl+shop@gmail.com,,,,,,2026-11-22T09:00:00Z")
    walk.sync()
    assert walk.lead_ids()["web:4"] == ole.id


# between HubSpot and Salesforce


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in {**SECRETS, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


LENA = "lena@northwind.example"


def told(line: Pair, *arguments: str) -> str:
    """What a command tells a reader, on one line."""
    config = str(line.folder / "config.toml")
    answer = CliRunner().invoke(baton, ["--config", config, *arguments], prog_name="baton")
    assert answer.exit_code == 0, answer.output
    return " ".join(answer.stdout.split())


def deeds(line: Pair, contact: str) -> list[str]:
    """What the lead of a contact did."""
    with line.app.store.read() as tx:
        return sorted(one.kind for one in tx.intake.activities([line.lead(contact).id])[line.lead(contact).id])


def handoffs(line: Pair, contact: str) -> list[str]:
    """Where the handoffs of a contact's lead stand."""
    with line.app.store.read() as tx:
        lead = line.lead(contact).id
        return sorted(one.state for one in tx.handoffs.of_leads([lead]).get(lead, []))


def two(line: Pair) -> tuple[str, str]:
    """Two people who have nothing in common, both with a rep; the second has unsubscribed."""
    first, _ = line.given()
    second, _ = line.given(
        "petra@stein.example",
        firstname="Petra",
        lastname="Stein",
        company="Stein KG",
        jobtitle="Owner",
        numemployees="50",
    )
    line.acts("unsubscribe", id=second)
    assert line.sync(MINUTES).failures == []
    assert line.lead(first).id != line.lead(second).id
    return first, second


def test_7_merged_in_the_crm(line: Pair) -> None:
    first, second = two(line)
    ana, petra = line.lead(first), line.lead(second)
    one, other = line.their_lead(first), line.their_lead(second)
    line.clock.move(60)
    line.org.merge(one, [other], by=LENA)
    assert line.sync(MINUTES).failures == []
    assert line.sync(MINUTES).failures == []
    joined = line.lead(second)
    assert joined.id == line.lead(first).id == ana.id
    assert handoffs(line, first) == ["open"]
    assert deeds(line, first).count("demo_request") == 2
    assert None not in (joined.score, ana.score, petra.score)
    assert joined.score.total < ana.score.total + petra.score.total  # type: ignore[union-attr]
    assert joined.fields["consent.email"] is False
    assert len(line.records("Lead")) == 1
    assert {line.contact(id)["baton_stage"] for id in (first, second)} == {"mql"}
    assert "merged in the CRM: salesforce" in told(line, "duplicates", "joined")
    # It was a mistake: what comes back from the bin is somebody of its own again.
    line.clock.move(60)
    line.org.undelete(other, by=LENA)
    assert line.sync(MINUTES).failures == []
    assert line.sync(MINUTES).failures == []
    assert line.lead(second).id == petra.id
    assert deeds(line, first).count("demo_request") == deeds(line, second).count("demo_request") == 1
    assert line.lead(second).fields["email"] == "petra@stein.example"


def test_8_merged_in_marketing(line: Pair) -> None:
    first, lead = line.given()
    second = line.person("a.weber@home.example", firstname="A.", lastname="Weber-Klein", company="", jobtitle="Owner")
    line.acts("submit", id=second, form="Guide to planning")
    line.acts("unsubscribe", id=second)
    assert line.sync(MINUTES).failures == []
    ana, other = line.lead(first), line.lead(second)
    assert ana.id != other.id
    line.clock.move(60)
    # Who stays in HubSpot is the other one; the lead that a rep has stays here.
    line.acts("merge", id=second, loser=first)
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    joined = line.lead(second)
    assert joined.id == line.lead(first).id == ana.id
    assert {"demo_request", "form_submit"} <= set(deeds(line, second))
    assert None not in (joined.score, ana.score)
    assert joined.fields["consent.email"] is False
    assert [one for one in handoffs(line, second) if one != "closed"] == ["open"]
    assert [one["Id"] for one in line.records("Lead")] == [lead]
    assert joined.fields["job_title"] == line.contact(second)["jobtitle"]
    assert "merged in marketing: hubspot" in told(line, "duplicates", "joined")


def test_9_deleted_and_back(line: Pair) -> None:
    contact, lead = line.given()
    line.person("somebody@else.example", firstname="Some", lastname="Body", company="Other AG")
    before = line.lead(contact)
    line.clock.move(60)
    line.acts("archive", id=contact)
    assert line.sync(MINUTES).failures == []
    assert (line.lead(contact).id, line.lead(contact).stage) == (before.id, "mql")
    assert "(deleted there)" in told(line, "why", str(before.id))
    line.clock.move(60)
    line.acts("restore", id=contact)
    line.acts("visit", id=contact, url="https://www.example.com/pricing")
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert line.lead(contact).id == before.id
    assert "(deleted there)" not in told(line, "why", str(before.id))
    assert handoffs(line, contact) == ["open"]
    # Gone for good, and made anew under another id: by the address it is the same person.
    line.clock.move(60)
    line.acts("erase", id=contact)
    assert line.sync(MINUTES).failures == []
    line.clock.move(60)
    again = line.person()
    line.asks_for_a_demo(again)
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert line.lead(again).id == before.id
    assert handoffs(line, again) == ["open"]
    assert [one["Id"] for one in line.records("Lead")] == [lead]


def test_10_a_customer_already(line: Pair) -> None:
    values = {
        "Name": "Firm",
        "Type": "Customer",
        "OwnerId": "karl@northwind.example",
        "Website": "https://firm.example",
    }
    account = line.org.create("Account", values)
    who = {"FirstName": "Ana", "LastName": "Weber", "Email": "ana.weber@home.example", "MobilePhone": "+49 171 5550101"}
    there = line.org.create("Contact", {**who, "AccountId": account, "OwnerId": "karl@northwind.example"})
    contact = line.person("ana@firm.example", mobilephone="0171 5550101")
    line.asks_for_a_demo(contact)
    # A colleague whom nobody there knows: the firm is a customer all the same.
    other = line.person("cem@firm.example", firstname="Cem", lastname="Celik")
    line.asks_for_a_demo(other)
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert line.records("Lead") == []
    assert [one["Id"] for one in line.records("Contact")] == [there]
    assert {line.handoff(one).owner for one in (contact, other)} == {"karl@northwind.example"}
    why = told(line, "why", "ana@firm.example")
    assert f"owner of account {account}; the same phone and family name as contact {there}" in why
    assert "the same company domain as account" in told(line, "why", "cem@firm.example")
