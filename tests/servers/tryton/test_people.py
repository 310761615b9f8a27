"""The server itself does what the tests of our adapter rely on: mail goes out, people act, and it knows afterwards."""

from __future__ import annotations

from decimal import Decimal

from tests.servers.tryton.mailbox import links
from tests.servers.tryton.world import Tryton


def test_mail_that_is_opened_clicked_and_refused(tryton: Tryton) -> None:
    ana = tryton.marketer.contact("Ana Weber", "ana@firm.example", code="A1")
    ben = tryton.marketer.contact("Ben Krause", "ben@firm.example", code="B1")
    scenario = tryton.marketer.scenario("Welcome", [["code", "in", ["A1", "B1"]]], title="Welcome")
    tryton.marketer.send_scenarios()
    (to_ana,), (to_ben,) = tryton.mails.to("ana@firm.example"), tryton.mails.to("ben@firm.example")
    assert str(to_ana["Subject"]) == "Welcome"

    tryton.recipient.open(to_ana)
    assert tryton.recipient.click(to_ana) == "http://northwind.example/pricing"
    tryton.recipient.unsubscribe(to_ben)

    sent = tryton.ledger("marketing.automation.record.activity", "record", "state", "email_opened", "email_clicked")
    by_record = {row["record"]: row for row in sent}
    records = {row["record"]: row for row in tryton.ledger("marketing.automation.record", "record", "blocked")}
    of_ana, of_ben = records[f"party.party,{ana}"], records[f"party.party,{ben}"]
    assert (by_record[of_ana["id"]]["email_opened"], by_record[of_ana["id"]]["email_clicked"]) == (1, 1)
    assert (by_record[of_ben["id"]]["email_opened"], by_record[of_ben["id"]]["email_clicked"]) == (0, 0)
    assert (of_ana["blocked"], of_ben["blocked"]) == (0, 1)
    (refused,) = tryton.ledger("party.party", "marketing_scenario_unsubscribed", domain=[["id", "=", ben]])
    assert refused["marketing_scenario_unsubscribed"] == [scenario]


def test_a_mailing_list_is_written_to(tryton: Tryton) -> None:
    some = tryton.marketer.list_of("News", ["cem@firm.example"])
    tryton.marketer.send_to_list(
        some, "October", '<html><body><a href="http://northwind.example/x">x</a></body></html>'
    )
    (mail,) = tryton.mails.to("cem@firm.example")
    assert "token=" in str(mail["List-Unsubscribe"])
    tryton.recipient.open(mail)
    tryton.recipient.click(mail)
    assert len(links(mail)[1]) == 1
    assert len(tryton.ledger("web.shortened_url.access", "url")) >= 2


def test_a_lead_is_won_by_an_order_and_another_lost_without_one(tryton: Tryton) -> None:
    lena = tryton.reps["lena"]
    won, lost = (_lead(tryton, code) for code in ("C1", "C2"))
    for lead in (won, lost):
        lena.takes_up(lead)
    lena.confirms(lena.converts(won), Decimal("1200.00"))
    lena.cancels(lena.converts(lost))
    found = {row["id"]: row for row in tryton.ledger("sale.opportunity", "state", "amount", "employee", "end_date")}
    assert (found[won]["state"], found[won]["amount"]) == ("won", Decimal("1200.00"))
    assert (found[lost]["state"], found[lost]["amount"]) == ("lost", 0)
    assert {found[lead]["employee"] for lead in (won, lost)} == {lena.employee}


def test_a_lead_is_given_up_with_a_reason(tryton: Tryton) -> None:
    lead = _lead(tryton, "D1")
    tryton.reps["tom"].notes(lead, "Left a message")
    tryton.reps["tom"].rejects(lead, "No budget")
    (found,) = tryton.ledger("sale.opportunity", "state", "lost_reason", domain=[["id", "=", lead]])
    assert (found["state"], found["lost_reason"]) == ("lost", "No budget")
    assert [row["message"] for row in tryton.ledger("ir.note", "message")] == ["Left a message"]


def _lead(tryton: Tryton, code: str) -> int:
    party = tryton.marketer.contact(f"Person {code}", f"{code.lower()}@firm.example", code=code)
    values = {"party": party, "description": "From the web", "reference": f"test-{code}"}
    return int(tryton.rest.create("sale.opportunity", **values)["id"])
