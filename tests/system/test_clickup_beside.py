"""ClickUp's lists beside that of the leads: feedback that sales gives in a form, and deals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.edge.secrets import Secrets
from connector.sandbox.clickup import DEALS, FEEDBACK, KEY, TOKEN, edit, furnish_beside
from tests.clickup import SECRETS, Both, both

Line = Callable[..., Both]
SETTINGS = 'feedback = ["901900000003"]\ndeals = "901900000004"\n'


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def made() -> Both:
        one = stack.enter_context(both(tmp_path, settings=SETTINGS))
        assert [held.id for held in furnish_beside(one.space)] == ["901900000003", "901900000004"]
        one.sync()
        return one

    with ExitStack() as stack:
        yield made


def says(one: Both, **answers: Any) -> str:
    """Sales sends the form; the line runs until that is read. Returns the task that it made."""
    one.clock.move(60)
    made = edit(one.space, {"do": "submit", "list": FEEDBACK, "answers": answers})
    one.sync()
    return str(made["id"])


def link(one: Both, request: str) -> str:
    return f"https://app.clickup.com/t/{one.task(request).id}"


def handed_over(one: Both, **answers: Any) -> str:
    request = one.submits(**answers)
    one.sync()
    return request


def test_a_form_accepts_one_and_rejects_another_and_makes_nobody_a_lead(line: Line) -> None:
    one = line()
    ana, bo = handed_over(one), handed_over(one, Email="bo@other.example", Company="Other", **{"First name": "Bo"})
    said = [says(one, Lead=link(one, ana), Verdict="Accepted", **{"Lead quality": 5})]
    said += [says(one, Lead=one.task(bo).id, Verdict="Rejected", Comment="Only two of them", **{
        "Rejection reason": "Not a fit", "Lead quality": 1,
    })]  # fmt: skip
    assert (one.lead(ana).stage, one.handoff(ana).rating, one.handoff(ana).accepted_at is not None) == ("sal", 5, True)
    given = one.handoff(bo)
    assert (one.lead(bo).stage, given.state, given.reason, given.rating, given.words) == (
        "rejected", "closed", "wrong_fit", 1, "Only two of them",
    )  # fmt: skip
    assert len(one.tasks()) == 2
    with one.app.store.read() as tx:
        assert tx.intake.links("clickup", "contact", said) == {}


def test_the_key_or_a_relationship_names_the_lead_too(line: Line) -> None:
    one = line()
    ana, bo = handed_over(one), handed_over(one, Email="bo@other.example", Company="Other", **{"First name": "Bo"})
    held = one.space.lists["901900000003"]
    says(one, Lead=str(one.value(one.task(ana), KEY)), Verdict="Accepted")
    one.space.add_field(held, "Of", "tasks")
    one.clock.move(60)
    edit(one.space, {"do": "create", "list": FEEDBACK, "name": "F", "fields": {"Of": one.task(bo).id,
                                                                              "Verdict": "Accepted"}})  # fmt: skip
    one.sync()
    assert (one.lead(ana).stage, one.lead(bo).stage) == ("sal", "sal")


def test_what_is_said_late_sets_nobody_back_and_what_names_nobody_moves_nobody(line: Line) -> None:
    one = line()
    ana = handed_over(one)
    one.says(one.task(ana), status="商談化")
    says(one, Lead=link(one, ana), Verdict="Accepted", **{"Lead quality": 4})
    says(one, Lead="https://app.clickup.com/t/nobody", Verdict="Rejected")
    says(one, Verdict="Rejected")
    assert (one.lead(ana).stage, one.handoff(ana).rating) == ("opportunity", 4)


def test_a_changed_word_is_news_and_the_rest_is_not_said_again(line: Line) -> None:
    one = line()
    ana = handed_over(one)
    id = says(one, Lead=link(one, ana), Verdict="Rejected", **{"Rejection reason": "Not now"})
    one.says(one.task(ana), status="対応中")
    assert one.lead(ana).stage == "sal"
    one.clock.move(60)
    edit(one.space, {"do": "change", "id": id, "fields": {"Comment": "They called back"}})
    one.sync()
    assert (one.lead(ana).stage, one.handoff(ana).words) == ("sal", "They called back")


def test_a_verdict_in_a_word_of_their_own_is_reported_and_followed_once_it_is_named(line: Line) -> None:
    one = line()
    ana = handed_over(one)
    edit(one.space, {"do": "set_options", "list": FEEDBACK, "field": "Verdict", "options": ["Accepted", "Useless"]})
    says(one, Lead=link(one, ana), Verdict="Useless")
    assert (one.lead(ana).stage, [item.field for item in one.notices()]) == ("mql", ["feedback"])
    (one.folder / "mapping.toml").write_text('[read.stage.table]\nUseless = "rejected"\n', "utf-8")
    one.settings += 'mapping = "mapping.toml"\n'
    one.reopen()
    one.sync()
    assert (one.lead(ana).stage, one.notices()) == ("rejected", [])


def test_a_deal_brings_the_lead_to_won_with_its_amount(line: Line) -> None:
    one = line()
    ana = handed_over(one)
    one.clock.move(60)
    fields = {"Lead": one.task(ana).id, "Amount": 12000}
    deal = edit(one.space, {"do": "create", "list": DEALS, "name": "Firm: 20 seats", "fields": fields})["id"]
    one.sync()
    assert one.lead(ana).stage == "opportunity"
    one.clock.move(60)
    edit(one.space, {"do": "change", "id": deal, "status": "won"})
    one.sync()
    lead = one.lead(ana)
    assert (lead.stage, lead.fields["opportunity.amount"], lead.fields["opportunity.currency"]) == ("won", 12000, "EUR")


def test_somebody_who_is_there_with_a_number_and_no_address_is_met(line: Line) -> None:
    one = line()
    mine = one.acts("create", name="Weber, Ana", fields={"Phone": "+4930901820"}, assignee="tom@northwind.example")
    one.sync()
    handed_over(one)
    (task,) = one.tasks()
    assert (task.id, task.assignees) == (mine["id"], [81003])


def test_setup_says_what_the_form_of_feedback_and_the_deals_lack(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    one = line()
    monkeypatch.chdir(one.folder)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert CliRunner().invoke(baton, ["setup", "clickup"]).exit_code == 0
    for id, lacking in (("901900000003", ("Verdict", "Lead", "Lead quality")), ("901900000004", ("Lead",))):
        held = one.space.lists[id]
        held.fields = [field for field in held.fields if field.name not in lacking]
    missing = [row for row in CliRunner().invoke(baton, ["setup", "clickup"]).stdout.splitlines() if "missing" in row]
    assert missing == [
        "missing: the field Lead (Text) of the list Sales feedback",
        "missing: the field Verdict (Dropdown: Accepted, Rejected) of the list Sales feedback",
        "missing: the field Lead quality (Rating) of the list Sales feedback",
        "missing: the field Lead (Relationship) of the list Deals",
    ]


def test_setup_keeps_the_secrets_of_webhooks_or_leaves_none(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    one = line()
    monkeypatch.chdir(one.folder)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    one.space.limits.per_minute = 0
    one.settings += 'calls_per_minute = 10_000\nwebhook = "https://baton.example/hooks/clickup"\n'
    one.reopen()
    # The environment can only be read.
    answer = CliRunner().invoke(baton, ["setup", "clickup", "--yes"])
    assert (answer.exit_code, one.space.webhooks) == (3, {})
    assert "BATON_SECRET_CLICKUP_WEBHOOK" in answer.stderr
    secrets = Secrets(one.folder, "sealed", key_file=str(one.folder / "key"), environ={})
    secrets.set("clickup", TOKEN)
    monkeypatch.setattr("connector.edge.secrets.Secrets", lambda *_args, **_more: secrets)
    made = CliRunner().invoke(baton, ["setup", "clickup", "--yes"]).stdout
    assert made.count("made: the webhook of the list") == len(one.space.webhooks) == 4
    assert set(secrets.get("clickup-webhook").split()) == {hook.secret for hook in one.space.webhooks.values()}
    assert all(secret not in made for secret in secrets.get("clickup-webhook").split())
    assert "made" not in CliRunner().invoke(baton, ["setup", "clickup", "--yes"]).stdout
    one.settings = f"{SETTINGS}calls_per_minute = 10_000\n"
    one.reopen()
    assert CliRunner().invoke(baton, ["setup", "clickup", "--yes"]).stdout.count("made: the removal") == 4
    assert (one.space.webhooks, secrets.list()) == ({}, ["clickup"])
