"""Consent on the line: what is said anywhere reaches every record, and nothing but the person undoes it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.config import load
from connector.insight.text import render, to_json
from connector.insight.timeline import Past
from connector.insight.why import story
from connector.model.consent import ConsentEvent
from connector.model.errors import ConfigError
from connector.model.outbox import LANES
from connector.runs.consent import BEGUN, by_hand
from connector.steps.telling.words import Words
from tests.line import Line

HOUR = timedelta(hours=1)
CRM = """\
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
"""
PORTAL = 'objects = ["contact", "membership"]\nmapping = "portal.toml"\n'
PORTAL_MAPPING = '[write.contact]\nstage = "stage"\nowner = "owner"\n'
OUT, IN = {"consent.email": False}, {"consent.email": True}


def made(folder: Path, **settings: Any) -> Line:
    (folder / "portal.toml").write_text(PORTAL_MAPPING, "utf-8")
    line = Line(folder, **{"crm_settings": CRM, "portal_settings": PORTAL, **settings})
    for name in ("petra", "lena", "tom") if settings.get("crm", "memory") == "memory" else ():
        line.crm.make("user", {"email": f"{name}@northwind.example"}, line.now, crm_id=f"U-{name}")
    return line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    one = made(tmp_path)
    yield one
    one.app.close()


def comes(line: Line, *numbers: int, **values: Any) -> None:
    """People appear in the portal, as its contacts are read and as they are written."""
    for number in numbers:
        line.person(number, **values)
        line.portal.make("contact", {}, line.now, crm_id=str(number))


def ledger(line: Line, number: int) -> list[ConsentEvent]:
    with line.app.store.read() as tx:
        return tx.consents.of_leads([line.lead(number).id]).get(line.lead(number).id, [])


def said(line: Line, number: int) -> Any:
    return line.lead(number).fields.get("consent.email")


def at_portal(line: Line, number: int) -> Any:
    contact = line.portal.thing(str(number))
    assert contact is not None
    return contact.values.get("consent.email")


def in_crm(line: Line, number: int) -> list[Any]:
    address = f"ana{number}@firm.example"
    return [one.values.get("consent.email") for one in line.crm.things() if one.values.get("email") == address]


def test_an_opt_out_in_the_crm_of_somebody_out_of_scope_passes_a_full_queue(tmp_path: Path) -> None:
    line = made(tmp_path, flow='takes = { field = "country", is = "DE" }\nhandoffs_per_day = 60\n')
    comes(line, *range(1, 21))
    for number in range(1, 21):
        line.did(number, "demo_request")
    comes(line, 99, country="France")
    record = line.crm.make("lead", {"email": "ana99@firm.example"}, line.now)
    line.portal.fault("write", "throttled", times=1, retry_after=60)
    line.sync()
    assert line.lead(99).flow == ""
    assert len([row for row in line.outbox("waiting") if row.target == "portal"]) == 20
    line.crm.edit(record, OUT, line.now + HOUR / 2)
    line.sync(HOUR)
    first, *rest = line.portal.effects()
    assert (first.crm_id, first.values) == ("99", OUT)
    assert len(rest) == 20
    assert said(line, 99) is False
    # An import says otherwise: a year old, or written today, it is nobody's word.
    for changed in (line.now - timedelta(days=365), line.now):
        line.person(99, country="France", **IN, modified_at=changed.isoformat(), city=str(changed))
        line.sync(HOUR)
        assert said(line, 99) is False
        assert in_crm(line, 99) == [False]
        assert at_portal(line, 99) is False
    assert [one.given for one in ledger(line, 99)].count(False) == 1
    line.app.close()


def test_an_opt_out_in_marketing_reaches_the_lead_and_every_record_with_the_address(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.sync()
    line.crm.make("contact", {"email": "ana1@firm.example"}, line.now, crm_id="003X")
    line.sync(HOUR)
    line.did(1, "unsubscribe", line.now + HOUR / 2)
    line.sync(HOUR)
    assert in_crm(line, 1) == [False, False]
    assert said(line, 1) is False
    assert at_portal(line, 1) is None  # It told us.
    rows = [row for row in line.outbox("done") if row.group == "consent"]
    assert {row.lane for row in rows} == {LANES["consent"]}
    # Our own writes that come back are nobody's word.
    line.sync(HOUR)
    assert [one.how for one in ledger(line, 1)] == ["unsubscribe"]
    assert line.outbox("waiting", "dead") == []


def test_a_field_closes_and_only_a_later_word_reopens(line: Line) -> None:
    comes(line, 1, **IN)
    line.did(1, "demo_request")
    line.sync()
    assert (said(line, 1), ledger(line, 1)) == (True, [])
    line.person(1, **OUT)
    line.sync(HOUR)
    closed_at = line.now
    assert in_crm(line, 1) == [False]
    # Said before, and heard only now.
    line.did(1, "subscribe", closed_at - timedelta(days=3))
    line.sync(HOUR)
    assert said(line, 1) is False
    line.did(1, "subscribe", closed_at + HOUR)
    line.sync(HOUR)
    assert said(line, 1) is True
    assert in_crm(line, 1) == [True]
    # The record still says what it said, and is read anew for another reason.
    line.person(1, **OUT, city="Bonn")
    line.sync(HOUR)
    assert said(line, 1) is True


def test_whoever_left_altogether_is_kept_back_until_they_return(line: Line) -> None:
    comes(line, 1, **{"consent.all": False})
    line.did(1, "demo_request")
    result = line.sync()
    assert result.counts["suppressed"] == 1
    assert line.crm_counts() == {"user": 3}
    (kept,) = line.handoffs("suppressed")
    assert "portal" in kept.routed_by
    line.sync(HOUR)
    assert len(line.handoffs("suppressed")) == 1
    line.did(1, "subscribe", line.now)
    line.sync(HOUR)
    (given,) = line.handoffs("open")
    assert given.brief.startswith("CALLS: NO. By mail only.")
    assert [task.values["subject"].partition(" Ana")[0] for task in line.crm.things("task")] == ["Write to"]


def test_whoever_wants_no_mail_is_handed_over_for_calls(line: Line) -> None:
    comes(line, 1, **OUT, phone="030 1234567")
    line.did(1, "demo_request")
    line.sync()
    (given,) = line.handoffs("open")
    assert given.brief.startswith("MAIL: NO. By phone only.\n")
    assert "ana1@firm.example" not in given.brief
    (lead,) = line.crm.things("lead")
    (created,) = [one for one in line.crm.effects("created") if one.object == "lead"]
    assert created.values["consent.email"] is False
    (task,) = line.crm.things("task")
    assert task.values["text"].startswith("MAIL: NO. By phone only.\n")
    assert task.values["subject"].startswith("Call ")
    assert lead.values["consent.email"] is False


def test_an_opt_out_goes_into_a_create_that_waits(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.crm.fault("write", "throttled", times=1, retry_after=60)
    line.sync()
    line.did(1, "unsubscribe", line.now)
    line.sync(HOUR)
    (created,) = [one for one in line.crm.effects("created") if one.object == "lead"]
    assert created.values["consent.email"] is False


def test_mail_that_came_back_closes_the_address_and_a_new_one_opens_it(line: Line) -> None:
    comes(line, 1)
    line.did(1, "bounce")
    line.sync()
    assert line.lead(1).flags["email"] == "mail to this address came back for good"
    assert "consent.email" not in line.lead(1).fields
    line.person(1, email="ana@new.example")
    line.sync(HOUR)
    assert "email" not in line.lead(1).flags
    line.did(1, "demo_request")
    line.sync(HOUR)
    (given,) = line.handoffs("open")
    assert "MAIL" not in given.brief


def test_leaving_one_subscription_leaves_the_channel_open(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "unsubscribe", line.now, topic="Newsletter")
    line.sync(HOUR)
    assert [(one.scope, one.given) for one in ledger(line, 1)] == [("Newsletter", False)]
    assert said(line, 1) is None
    assert [row for row in line.outbox("done") if row.group == "consent"] == []


def test_of_two_who_are_made_one_the_stricter_stands_and_is_told(line: Line) -> None:
    comes(line, 1, 2, **IN)
    line.did(1, "demo_request")
    line.sync()
    line.did(2, "unsubscribe", line.now)
    line.sync(HOUR)
    line.portal.merge("contacts", "2", "1", line.now)
    line.sync(HOUR)
    assert said(line, 1) is False
    assert in_crm(line, 1) == [False]
    assert at_portal(line, 1) is False


def test_a_flow_that_observes_writes_nothing_and_makes_up_for_it(tmp_path: Path) -> None:
    line = made(tmp_path, mode="observe")
    comes(line, 1)
    record = line.crm.make("lead", {"email": "ana1@firm.example"}, line.now)
    line.sync()
    line.crm.edit(record, OUT, line.now)
    result = line.sync(HOUR)
    assert result.counts["opt-outs not written: observed only"] == 1
    assert (said(line, 1), line.outbox()) == (False, [])
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace('mode = "observe"', 'mode = "live"'))
    line.sync(HOUR)
    assert at_portal(line, 1) is False
    line.app.close()


@pytest.mark.parametrize("mode", ["review", "live"])
def test_a_parked_flow_and_a_review_keep_no_opt_out_back(tmp_path: Path, mode: str) -> None:
    line = made(tmp_path, mode=mode)
    comes(line, 1)
    record = line.crm.make("lead", {"email": "ana1@firm.example"}, line.now)
    line.sync()
    line.portal.empty("contacts")
    line.sync(HOUR)
    assert len(line.waiting_for_people("parked_flow")) == 1
    line.crm.edit(record, OUT, line.now)
    line.sync(HOUR)
    assert at_portal(line, 1) is False
    line.app.close()


def test_whoever_comes_later_left_in_the_crm_long_ago(line: Line) -> None:
    line.crm.make("contact", {"email": "ana1@firm.example", **OUT}, line.now)
    line.sync()
    comes(line, 1)
    line.sync(HOUR)
    assert said(line, 1) is False
    assert at_portal(line, 1) is False


#: Who is found in the CRM by their telephone: a record without an address.
CALLED = {"phone": "+49 30 1234567", "name.family": "Weber"}


def test_a_record_that_is_known_by_the_handover_alone_is_told_who_left(line: Line) -> None:
    line.crm.make("contact", dict(CALLED), line.now, crm_id="C1")
    line.sync()
    comes(line, 1, **OUT, **CALLED)
    line.did(1, "demo_request")
    line.sync(HOUR)
    (contact,) = line.crm.things("contact")
    assert [one.record for one in line.handoffs("open")] == ["contact:C1"]
    assert contact.values["consent.email"] is False


def test_what_a_record_says_that_is_known_by_the_handover_alone_is_in_the_brief(line: Line) -> None:
    line.crm.make("contact", {**CALLED, **OUT}, line.now, crm_id="C1")
    line.sync()
    comes(line, 1, **CALLED)
    line.did(1, "demo_request")
    line.sync(HOUR)
    (given,) = line.handoffs("open")
    assert given.record == "contact:C1"
    assert given.brief.startswith("MAIL: NO. By phone only.")
    assert said(line, 1) is at_portal(line, 1) is False


def test_a_crm_that_forgets_an_opt_out_is_told_again(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "unsubscribe", line.now)
    line.sync(HOUR)
    (lead,) = line.crm.things("lead")
    line.sync(HOUR)
    for value in (True, None, True):
        line.crm.edit(lead.crm_id, {"consent.email": value}, line.now)
        line.sync(HOUR)
        assert in_crm(line, 1) == [False]
        assert said(line, 1) is False


def test_what_the_record_was_told_after_it_was_read_counts(line: Line) -> None:
    comes(line, 1)
    record = line.crm.make("lead", {"email": "ana1@firm.example"}, line.now)
    line.sync()
    for value in (OUT, IN):
        line.crm.edit(record, value, line.now + HOUR / 2)
        line.sync(HOUR)
        assert in_crm(line, 1) == [False]
    # As it was read last it says yes: it was told no since.
    assert by_hand(line.app.runtime(), line.app.rows, line.lead(1).id, "email", "lena", "call", given=True) == 2
    line.sync(HOUR)
    assert (said(line, 1), in_crm(line, 1)) == (True, [True])


def test_a_crash_between_the_page_and_the_write_loses_nothing(line: Line) -> None:
    comes(line, 1)
    record = line.crm.make("lead", {"email": "ana1@firm.example"}, line.now)
    line.sync()
    line.crm.edit(record, OUT, line.now)

    def killed(what: str) -> None:
        if what == "write:begin":
            raise KeyboardInterrupt

    line.portal.watch = killed
    with pytest.raises(KeyboardInterrupt):
        line.sync(HOUR)
    line.portal.watch = lambda _what: None
    line.sync(HOUR)
    line.sync(HOUR)
    assert at_portal(line, 1) is False
    assert len(ledger(line, 1)) == 1


def test_what_waits_for_its_person_is_heard_when_they_come(line: Line) -> None:
    line.did(1, "unsubscribe")
    line.sync()
    comes(line, 1)
    line.sync(HOUR)
    assert said(line, 1) is False
    assert isinstance(ledger(line, 1)[0].at, datetime)


def test_a_second_record_of_somebody_who_left_is_told(line: Line) -> None:
    comes(line, 1)
    line.sync()
    line.did(1, "unsubscribe")
    line.sync(HOUR)
    line.portal.make("contact", {}, line.now, crm_id="7")
    line.person(7, email="ana1@firm.example", **IN)
    line.sync(HOUR)
    assert line.lead(7).id == line.lead(1).id
    assert at_portal(line, 7) is False
    assert said(line, 1) is False


def test_whoever_left_does_not_join_the_nurture_list(tmp_path: Path) -> None:
    flow = """\
[flows.b2b.intent]
"Visited" = { points = 15, activity = "page_view" }
[flows.b2b.gates]
mql     = { score = "total", at_least = 90 }
nurture = { when = { score = "total", at_least = 10 }, list = "Warm" }
"""
    line = made(tmp_path, flow=flow)
    comes(line, 1, 2)
    for number in (1, 2):
        line.did(number, "page_view")
    line.did(2, "unsubscribe")
    line.sync()
    assert [line.lead(number).stage for number in (1, 2)] == ["warm", "warm"]
    joined = [one.values["contact"] for one in line.portal.effects() if one.object == "membership"]
    assert joined == ["1"]
    line.did(1, "unsubscribe", line.now)
    line.sync(HOUR)
    last = [one for one in line.portal.effects() if one.object == "membership"][-1]
    assert (last.our_key, last.values) == ("Warm:1", {"member": False})
    line.app.close()


def test_an_answer_in_a_form_reopens_and_closes_where_the_mapping_says_so(tmp_path: Path) -> None:
    line = made(tmp_path)
    mapping = tmp_path / "portal.toml"
    mapping.write_text(PORTAL_MAPPING + '[consent]\n"May we write to you?" = "email"\n', "utf-8")
    line.reopen((tmp_path / "config.toml").read_text("utf-8"))
    comes(line, 1, **OUT)
    line.sync()
    line.did(1, "form_submit", line.now + HOUR / 2, **{"answers": {"may we write to you?": "Yes"}})
    line.sync(HOUR)
    assert said(line, 1) is True
    line.did(1, "form_submit", line.now + HOUR / 2, **{"answers": {"May we write to you?": "no", "Budget": "no"}})
    line.sync(HOUR)
    assert said(line, 1) is False
    assert [one.how for one in ledger(line, 1)] == ["field", "form", "form"]
    mapping.write_text(PORTAL_MAPPING + '[consent]\n"May we write to you?" = "mail"\n', "utf-8")
    with pytest.raises(ConfigError, match="mail"):
        load(tmp_path / "config.toml")
    line.app.close()


def test_what_was_told_to_somebody_here_is_the_persons_own_word(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.did(1, "unsubscribe")
    line.sync()
    line.now += HOUR
    told = by_hand(line.app.runtime(), line.app.rows, line.lead(1).id, "email", "lena", "on the phone", given=True)
    assert told == 2
    line.sync()
    assert in_crm(line, 1) == [True]
    assert at_portal(line, 1) is True
    assert ledger(line, 1)[-1].evidence == "lena: on the phone"


def test_who_shares_a_mailbox_shares_its_mail_and_not_the_phone(line: Line) -> None:
    for number in (1, 2):
        comes(line, number, email="info@firm.example", phone=f"030 123456{number}")
    line.sync()
    line.crm.make("contact", {"email": "info@firm.example", **OUT, "consent.phone": False}, line.now)
    line.sync(HOUR)
    assert line.lead(1).id != line.lead(2).id
    for number in (1, 2):
        assert (said(line, number), line.lead(number).fields.get("consent.phone")) == (False, None)


def test_undoing_a_run_takes_no_opt_out_back(line: Line) -> None:
    comes(line, 1)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "unsubscribe", line.now)
    run = line.sync(HOUR).run_id
    assert in_crm(line, 1) == [False]
    with line.app.store.read() as tx:
        assert [one for one in tx.images.of_run(run) if "consent.email" in one.written] == []


@pytest.mark.parametrize(("crm", "settings"), [("desk", ""), ("files", 'folder = "out"')])
def test_the_desk_and_files_are_told_too(tmp_path: Path, crm: str, settings: str) -> None:
    line = made(tmp_path, crm=crm, crm_settings=settings)
    comes(line, 1)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "unsubscribe", line.now)
    line.sync(HOUR)
    if crm == "desk":
        with line.app.store.read() as tx:
            ((_, _, values),) = tx.desk.listing("lead")
        assert values["consent_email"] is False
    else:
        with (tmp_path / "out" / "leads.csv").open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        assert row["email_consent"] == "no"
    line.app.close()


def test_whoever_was_out_before_there_was_a_ledger_is_told_once(line: Line) -> None:
    comes(line, 1, 2)
    line.did(1, "demo_request")
    line.sync()
    with line.app.store.write() as tx:
        lead = line.lead(1)
        lead.fields["consent.email"], lead.said["consent.email"] = False, ("portal", line.now.isoformat())
        tx.intake.update_leads([lead], line.now)
        tx.admin.set_meta(BEGUN, "")
    line.sync(HOUR)
    assert in_crm(line, 1) == [False]
    assert [(one.how, one.given, one.certain) for one in ledger(line, 1)] == [("field", False, False)]
    assert ledger(line, 2) == []


def test_why_shows_what_was_said_and_what_stands(line: Line) -> None:
    comes(line, 1, **IN)
    line.sync()
    line.did(1, "unsubscribe", line.now)
    line.did(1, "unsubscribe", line.now + HOUR / 2, topic="Newsletter")
    line.sync(HOUR)
    line.person(1, **IN, city="Bonn")
    line.sync(HOUR)
    words = Words("en", UTC, str, line.now)
    with line.app.store.read() as tx:
        events = tx.consents.of_leads([line.lead(1).id])[line.lead(1).id]
    told = story(line.lead(1), Past(consents=events), words=words)
    text = " ".join(" ".join(render(told)).split())
    assert "NO since Fri 20 Nov 08:00 (portal: they unsubscribed)" in text
    assert "subscription Newsletter" in text
    assert "reopens nothing: not their own word" in text
    kept = to_json(told)["consent"]
    assert [(one["how"], one["given"]) for one in kept["ledger"]] == [
        ("field", True), ("unsubscribe", False), ("unsubscribe", False), ("field", True),
    ]  # fmt: skip


def test_of_two_sources_the_later_import_undoes_nothing(tmp_path: Path) -> None:
    """Who wins a field is a matter of rules; who may be contacted is not."""
    line = made(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    second = f'[connections.forms]\ntype = "memory"\n{PORTAL}\n'
    text = text.replace("[teams.sales]", second + "[teams.sales]").replace('["portal"]', '["portal", "forms"]')
    line.reopen(text)
    comes(line, 1, **IN)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "unsubscribe", line.now)
    line.sync(HOUR)
    forms = line.app.source("forms").world  # type: ignore[attr-defined]
    forms.make("contact", {}, line.now, crm_id="F1")
    values = {"id": "F1", "email": "ana1@firm.example", "city": "Bonn", **IN}
    for city in ("Bonn", "Berlin"):
        forms.put("contacts", "F1", {**values, "city": city}, line.now)
        line.sync(HOUR)
        assert said(line, 1) is False
        assert forms.thing("F1").values["consent.email"] is False
    line.person(1, **IN, city="Hamburg")
    line.sync(HOUR)
    assert said(line, 1) is False
    assert in_crm(line, 1) == [False]
    line.app.close()


def test_a_line_of_the_mapping_that_comes_later_is_heard_in_what_was_read_before(tmp_path: Path) -> None:
    (tmp_path / "crm.toml").write_text('[read]\n"consent.email" = false\n', "utf-8")
    line = made(tmp_path, crm_settings=CRM + 'mapping = "crm.toml"\n')
    comes(line, 1)
    line.crm.make("lead", {"email": "ana1@firm.example", **OUT}, line.now)
    line.sync()
    assert said(line, 1) is None
    (tmp_path / "crm.toml").write_text("", "utf-8")
    line.reopen((tmp_path / "config.toml").read_text("utf-8"))
    line.sync(HOUR)
    assert said(line, 1) is False
    line.app.close()
