"""The whole way between HubSpot and Salesforce by the clock: reminded, rejected in words, back, on to an AE, won."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.notices.servers import Postbox, mail_server
from tests.pair import REASONS, SECRETS, Pair, pair, reasons

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LENA, TOM, KARL = "lena@northwind.example", "tom@northwind.example", "karl@northwind.example"
FLOW = """\
[flows.b2b.gates]
mql = { activity = "demo_request", within = "60 days" }
hot = { activity = "demo_request", within = "60 days" }
sql = { within = "10 working days", then = "ae" }
[flows.b2b.clock]
contact = { hot = "30 min", other = "4 hours" }
[flows.b2b.reasons]
not_now = { list = "Baton: later", back_after = "20 days" }
"""
REST = """
[teams.ae]
members = [{ email = "karl@northwind.example" }]
hours   = { Mon-Sun = "00:00-24:00" }
[teams.sales.hours]
Mon-Sun = "00:00-24:00"
[mail]
server = "mail-server"
sender = "baton@northwind.example"
"""


def told(post: Postbox, who: str) -> list[str]:
    """The subjects of the mail to one person, without whom it is about."""
    return [str(one["Subject"]).replace("?", ":").split(":")[0] for one in post.to(who)]


def last_task(line: Pair) -> str:
    """What the newest task says."""
    return str(line.records("Task")[-1]["Description"])


def test_reminded_rejected_in_words_back_on_to_an_ae_and_won(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = reasons({"salesforce.toml": REASONS + 'words = "Description"\n'})
    settings["salesforce"] += REST
    with mail_server(Postbox()) as post:
        monkeypatch.setenv("BATON_SECRET_MAIL_SERVER", post.url)
        with pair(tmp_path, flow=FLOW, **settings) as line:
            story(line, post)


def story(line: Pair, post: Postbox) -> None:
    contact, lead = line.given()
    later = next(one for one in line.portal.lists.values() if one.name == "Baton: later")
    line.sync(20 * MINUTE)
    line.sync(MINUTE)
    assert told(post, LENA) == ["Hot lead", "To be contacted"]
    line.org.log_call(lead, by=LENA)
    line.sync(MINUTE)
    line.sync(HOUR)
    assert told(post, LENA)[2:] == ["How good was this lead"]
    assert line.contact(contact)["baton_contacted_in"] == "21"

    said = {"Rejection_Reason__c": "Not now", "Description": "Budget in spring", "Lead_Quality__c": 3}
    line.says(lead, Status="Unqualified", **said)
    assert [str(id) for id in later.members] == [contact]
    there = line.contact(contact)
    assert (there["baton_stage"], there["baton_rejected_for"], there["baton_rating"]) == ("rejected", "not_now", "3")
    line.sync(19 * DAY)
    assert line.lead(contact).stage == "rejected"
    line.sync(2 * DAY)
    assert (line.lead(contact).stage in ("known", "warm"), later.members) == (True, {})
    assert told(post, LENA)[3:] == ["Back again"]

    # Again to Lena, who knows them, on the same record.
    line.asks_for_a_demo(contact)
    line.sync(MINUTE)
    line.sync(MINUTE)
    (record,) = line.records("Lead")
    assert (record["Id"], record["Status"], line.contact(contact).get("baton_rejected_for", "")) == (lead, "Open", "")
    before = f'{LENA} · rejected: not now · "Budget in spring" · rated 3 of 5'
    for text in (last_task(line), post.to(LENA)[4].get_content()):
        assert before in text
    assert told(post, LENA)[4:] == ["Hot lead"]
    line.org.log_call(lead, by=LENA)
    line.says(lead, Status="Working")
    line.says(lead, Status="Qualified")
    line.sync(MINUTE)

    # On to an AE, who reads both.
    assert (line.handoff(contact).stage, line.handoff(contact).owner) == ("sql", KARL)
    assert before in last_task(line)
    assert f"{LENA} · got in touch" in last_task(line)
    assert (told(post, LENA)[5:], told(post, KARL)) == (["How good was this lead"], ["Hot lead"])
    made = line.org.convert(lead, by=KARL)
    line.sync(MINUTE)
    line.org.edit(made["opportunity"], {"StageName": "Closed Won", "Amount": 900}, by=KARL)
    line.sync(MINUTE)
    line.sync(3 * DAY)
    there = line.contact(contact)
    assert (there["baton_stage"], there["baton_owner"], there["baton_amount"]) == ("won", KARL, "900")
    # Nobody hears any more of what is over.
    assert (len(told(post, LENA)), len(told(post, KARL)), told(post, TOM)) == (6, 1, [])
    assert line.outbox("dead", "parked", "waiting", "unknown") == []
