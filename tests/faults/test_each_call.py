"""Every kind of fault on every kind of call between HubSpot and Salesforce, over sockets: each lead once, all told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from connector.sandbox.hubspot import edit
from connector.sandbox.hubspot.people import person
from connector.sandbox.proxy import HARMLESS, KINDS
from connector.selftest.books import books, compare
from connector.selftest.faults import Disturbed, Wish, disturbed

#: Calls by what they are for: the platform, and what their method and address contain.
CALLS = {
    "token of the source": ("hubspot", "POST /oauth/"),
    "read of people": ("hubspot", "POST /crm/v3/objects/contacts/search"),
    "read of deeds": ("hubspot", "GET /email/"),
    "telling the source": ("hubspot", "contacts/batch/update"),
    "token of the CRM": ("salesforce", "POST /services/oauth2"),
    "read back": ("salesforce", "FROM%20Task"),
    "who is there": ("salesforce", "Email%20IN"),
    "what it takes": ("salesforce", "Lead/describe"),
    "lead": ("salesforce", "PATCH /services/data"),
    "member": ("salesforce", "POST /services/data"),
    "task": ("salesforce", "POST /services/data"),
}
#: Made where the answer to a write is in doubt.
LOOK_UPS = {
    "was the lead made": ("salesforce", "Baton_Id__c%20IN"),
    "was the member made": ("salesforce", "LeadId%20IN"),
    "was the task made": ("salesforce", "WhoId%20IN"),
    "was the source told": ("hubspot", "contacts/batch/read"),
}
#: Nothing happened, and the answer says so.
NOT_DONE = ("429", "429 with Retry-After")
MOST_RUNS = 20
numbers = count(1000)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    with disturbed(Wish(leads=5, there=0.4), tmp_path_factory.mktemp("pair")) as pair:
        assert pair.sync().failures == []
        yield pair


def newcomers(pair: Disturbed, many: int = 2) -> None:
    """People who are over the line; the tokens of both platforms have ended since."""
    pair.clock.move(7200)
    for number in (next(numbers) for _ in range(many)):
        edit(pair.portal, {"do": "create", "properties": person(number)})


def to_rest(pair: Disturbed) -> int:
    """Run the line until nothing waits and nothing fails; how many runs that took."""
    for ran in range(1, MOST_RUNS):
        failed = pair.sync().failures
        if not failed and not pair.waits():
            return ran
    raise AssertionError(f"still {pair.waits()} rows wait, and {failed}")


def agreed(pair: Disturbed) -> None:
    """The books of both platforms say what the store says."""
    assert compare(pair.app.store, books(pair.portal, pair.org), pair.now).all == []
    assert all(server.errors == [] for server in pair.servers.values())


def order(pair: Disturbed, kind: str, calls: dict[str, tuple[str, str]]) -> None:
    for platform, match in calls.values():
        pair.proxies[platform].faults.add(kind, match=match)


def left(pair: Disturbed) -> list[str]:
    return [order["match"] for proxy in pair.proxies.values() for order in proxy.faults.left()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_on_each_call_leaves_everybody_delivered_once(pair: Disturbed, kind: str) -> None:
    doubted = kind not in HARMLESS + NOT_DONE
    order(pair, kind, CALLS | (LOOK_UPS if doubted else {}))
    newcomers(pair)
    handed = len(pair.org.live("Task"))
    ran = to_rest(pair)
    assert left(pair) == [], "each of these calls was made, and met the fault"
    assert len(pair.org.live("Task")) == handed + 2
    assert (ran == 1) == (kind in HARMLESS)
    agreed(pair)


@pytest.mark.parametrize("platform", ["hubspot", "salesforce"])
def test_a_platform_that_nobody_can_reach_is_waited_for(pair: Disturbed, platform: str) -> None:
    newcomers(pair)
    handed = len(pair.org.live("Task"))
    pair.proxies[platform].stop()
    for _ in range(3):
        assert {name for name, _ in pair.sync().failures} == {platform}
    pair.proxies[platform].start()
    to_rest(pair)
    assert len(pair.org.live("Task")) == handed + 2
    agreed(pair)
