"""What is written to a real Tryton when answers are lost, rights are taken and one of a batch is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import ConfigError
from connector.model.mirror import Wanted
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown
from tests.servers.tryton.ends import Ends, id_of
from tests.servers.tryton.people import LEAD
from tests.servers.tryton.world import Tryton


@pytest.fixture(scope="module")
def tryton(common: Tryton) -> Tryton:
    return common


@pytest.fixture
def ends(tryton: Tryton, tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tryton, tmp_path)
    yield made
    made.close()


def kinds(outcomes: list[Outcome]) -> list[type[Outcome]]:
    return [type(one) for one in outcomes]


def keys(tryton: Tryton, prefix: str) -> list[str]:
    """The keys of the opportunities that are there."""
    return [row["reference"] for row in tryton.ledger(LEAD, "reference", domain=[["reference", "like", f"{prefix}%"]])]


def unheard(ends: Ends, match: str, item: WriteItem, after: int = 0) -> None:
    """Write something that is done, and whose answer is lost; `after` so many calls that match."""
    ends.proxy.faults.add("reply lost", match=match, after=after)
    assert kinds(ends.crm.write([item])) == [Unknown]


def test_what_was_done_and_not_answered_is_found_and_there_once(tryton: Tryton, ends: Ends) -> None:
    item = WriteItem("lead", "s1-lost", {"party.name": "Lost", "party.email": "lost@lost.example"})
    # The party is made and not heard of; the next attempt meets it.
    unheard(ends, "/party.party?f=", item)
    assert ends.crm.find([FindItem("lead", "s1-lost")])[0].crm_ids == ()
    unheard(ends, f"/{LEAD}?f=", item)
    (lead,) = ends.crm.find([FindItem("lead", "s1-lost")])[0].crm_ids
    number = WriteItem("lead", "s1-lost", {"party.phone": "+4930901877"}, crm_id=lead)
    unheard(ends, "/party.party/", number)
    assert kinds(ends.crm.write([number])) == [Done]
    unheard(ends, "/ir.note", WriteItem("note", "s1:lost", {"message": "Brief"}, parent_id=lead))
    (note,) = ends.crm.find([FindItem("note", "s1:lost", parent_id=lead)])[0].crm_ids
    assert [row["id"] for row in tryton.ledger("ir.note", domain=[["resource", "=", f"{LEAD},{lead}"]])] == [int(note)]
    (row,) = tryton.ledger(LEAD, "party.contact_mechanisms.value", domain=[["reference", "=", "s1-lost"]])
    told = sorted(one["value"] for one in row["party"]["contact_mechanisms"])
    assert told == ["+4930901877", "lost@lost.example"]
    assert len(tryton.ledger("party.party", domain=[["contact_mechanisms.value", "=", "lost@lost.example"]])) == 1


def test_categories_that_were_made_and_not_answered_are_there_once(tryton: Tryton, ends: Ends) -> None:
    party = tryton.marketer.contact("Ole Lost", "ole@lost.example", code="W1")
    item = WriteItem("contact", "", {"category.Lost": "mql"}, crm_id=str(party))
    # The one above, after two look-ups; the one below it, after two; the party that is put into it.
    for match, after in (("/party.category", 2), ("/party.category", 2), ("/party.party/", 0)):
        unheard(ends, match, item, after)
    assert kinds(ends.crm.write([item])) == [Done]
    (row,) = tryton.ledger("party.party", "categories.rec_name", domain=[["id", "=", party]])
    assert [one["rec_name"] for one in row["categories"]] == ["Lost / mql"]


def test_one_of_a_batch_that_is_refused_costs_the_others_nothing(tryton: Tryton, ends: Ends) -> None:
    bad: dict[int, dict[str, Any]] = {
        1: {"conversion_probability": 7}, 2: {"state": "no such state"}, 3: {"no_such_field": "x"},
        4: {"employee": "999999"},
    }  # fmt: skip
    items = [WriteItem("lead", f"s1-batch{n}", {"description": "x", **bad.get(n, {})}) for n in range(6)]
    outcomes = ends.crm.write(items)
    assert kinds(outcomes) == [Done, Refused, Refused, Refused, Refused, Done]
    assert [one.field for one in outcomes if isinstance(one, Refused)] == [
        "conversion_probability", "state", "no_such_field", "employee",
    ]  # fmt: skip
    assert keys(tryton, "s1-batch") == ["s1-batch0", "s1-batch5"]


class Interrupted(list[WriteItem]):
    """Items, with something that happens before the third."""

    def __init__(self, items: list[WriteItem], act: Any) -> None:
        super().__init__(items)
        self.act = act

    def __iter__(self) -> Iterator[WriteItem]:
        yield from self[:2]
        self.act()
        yield from self[2:]


def batch(name: str) -> list[WriteItem]:
    return [WriteItem("lead", f"s1-{name}{n}", {"description": "x"}) for n in range(4)]


def test_a_key_that_ends_within_a_batch_leaves_the_rest_to_be_sent(tryton: Tryton, ends: Ends) -> None:
    ended = tryton.without_a_key()
    outcomes = ends.crm.write(Interrupted(batch("key"), ended.__enter__))
    assert kinds(outcomes) == [Done, Done, NotExecuted, NotExecuted]
    ended.__exit__(None, None, None)
    assert kinds(ends.crm.write(batch("key")[2:])) == [Done, Done]
    assert keys(tryton, "s1-key") == [f"s1-key{n}" for n in range(4)]


@pytest.mark.parametrize("taken", [{"groups": ["Sale Opportunity"]}, {"company": True}], ids=["right", "company"])
def test_rights_that_are_taken_within_a_batch_leave_the_rest_to_be_sent(
    tryton: Tryton, ends: Ends, taken: dict[str, Any]
) -> None:
    name = "".join(taken)
    there = id_of(ends.write("lead", f"s1-{name}", {"party.email": f"{name}@rights.example", "description": "x"}))
    later = [
        *batch(name)[2:],
        WriteItem("lead", f"s1-{name}", {"description": "y"}, crm_id=there),
        WriteItem("note", f"s1:{name}", {"message": "Brief"}, parent_id=there),
    ]
    if "company" in taken:
        later.append(WriteItem("lead", f"s1-{name}", {"party.phone": "+4930901899"}, crm_id=there))
    rights = tryton.without(**taken)
    try:
        outcomes = ends.crm.write(Interrupted([*batch(name)[:2], *later], rights.__enter__))
        assert kinds(outcomes) == [Done, Done, *[NotExecuted] * len(later)]
        with pytest.raises(ConfigError, match=r"lacks the right .*(sale\.opportunity|company\.company 1)"):
            ends.crm.check()
    finally:
        rights.__exit__(None, None, None)
    ends.crm.check()
    assert kinds(ends.crm.write(later)) == [Done] * len(later)
    assert keys(tryton, f"s1-{name}") == [f"s1-{name}", *(f"s1-{name}{n}" for n in range(4))]


def test_a_company_that_our_user_may_not_see_is_not_read_as_empty(tryton: Tryton, ends: Ends) -> None:
    lead = id_of(ends.write("lead", "s1-seen", {"description": "x"}))
    crm = ends.crm
    cursors = {stream: [page.cursor for page in crm.changes(stream, "")] for stream in crm.capabilities.streams}
    with tryton.without(company=True):
        for stream in crm.capabilities.streams:
            with pytest.raises(ConfigError, match=r"company\.company"):
                list(crm.changes(stream, "".join(cursors[stream][-1:])))
        with pytest.raises(ConfigError, match=r"company\.company"):
            crm.find([FindItem("lead", "s1-seen", lead)])
        with pytest.raises(ConfigError, match=r"company\.company"):
            crm.look_up([Wanted("seen@seen.example")])
    tryton.rest.send("PUT", f"{LEAD}/{lead}", {"description": "seen again"})
    told = [one.id for page in crm.changes("lead", cursors["lead"][-1]) for one in page.records]
    assert lead in told


def test_who_has_several_companies_and_is_in_another_one_reads_ours(tryton: Tryton, ends: Ends) -> None:
    there = id_of(ends.write("lead", "s1-several", {"description": "x"}))
    for shown in ("one", "all"):
        with tryton.in_another_company(shown):
            ends.crm.check()
            assert ends.told("lead", there).our_key == "s1-several"
