"""A real Tryton read without gaps: one time of change, pages that shift, parties that are merged and come back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.errors import AuthError
from connector.model.mirror import Wanted
from connector.model.records import Record, Window
from tests.servers.tryton.ends import Ends, id_of
from tests.servers.tryton.people import LEAD
from tests.servers.tryton.world import Tryton, shared

#: Two whole pages and a broken one.
MANY, PAGE = 7, 3


@pytest.fixture(scope="module")
def tryton(common: Tryton) -> Tryton:
    return common


@pytest.fixture
def ends(tryton: Tryton, tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tryton, tmp_path, page_size=PAGE, overlap_seconds=1)
    yield made
    made.close()


def people(tryton: Tryton, prefix: str, count: int = MANY) -> list[str]:
    """The ids of parties of one name, each with an address."""
    rows = ({"name": "Kim Aas", **reached(f"{prefix}{n}@aas.example")} for n in range(count))
    return [str(id) for id in tryton.marketer.rpc.create("party.party", *rows)]


def reached(*addresses: str, **values: Any) -> dict[str, Any]:
    """The part of a new party that says how it is reached."""
    rows = [{"type": "email", "value": address, **values} for address in addresses]
    return {"contact_mechanisms": [["create", rows]]}


def begin() -> str:
    """A cursor that tells nothing of what was there before. Tryton's own time is told in whole seconds."""
    return json.dumps({"since": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()})


def pulled(ends: Ends, cursor: str = "") -> tuple[list[Record], str]:
    """What is read from a cursor on, and where that stands."""
    found: list[Record] = []
    for page in ends.source.pull("contacts", cursor):
        found, cursor = [*found, *page.records], page.cursor
    return found, cursor


def ids(records: list[Record]) -> list[str]:
    return [one.id for one in records]


def beneath(tryton: Tryton, *orders: str) -> None:
    """Do something in the database itself that moves no time by itself."""
    with closing(sqlite3.connect(shared().process.folder / f"{tryton.database}.sqlite", timeout=20)) as opened, opened:
        for order in orders:
            opened.execute(order)


def tie(tryton: Tryton, **tables: list[str]) -> None:
    """Have these records been changed at one moment."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    beneath(tryton, *(f"UPDATE {table} SET write_date = '{now}' WHERE id IN ({','.join(ids)})"
                      for table, ids in tables.items()))  # fmt: skip


def test_ties_over_more_than_a_page_are_each_read_once_from_any_page_on(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    made = people(tryton, "tie")
    leads = [str(tryton.rest.create(LEAD, party=int(one))["id"]) for one in made]
    tie(tryton, party_party=made, sale_opportunity=leads)
    pages = list(ends.source.pull("contacts", start))
    told = [one.id for page in pages for one in page.records]
    assert told == made
    for place, page in enumerate(pages[:-1]):
        assert ids(pulled(ends, page.cursor)[0]) == [one.id for later in pages[place + 1 :] for one in later.records]
    assert {*made}.isdisjoint(ids(pulled(ends, pages[-1].cursor)[0]))
    walk = list(ends.crm.changes("lead", start))
    assert [one.id for page in walk for one in page.records] == leads
    rest = [one.id for page in ends.crm.changes("lead", walk[0].cursor) for one in page.records]
    assert rest == [one.id for page in walk[1:] for one in page.records]
    again = {one.id for page in ends.crm.changes("lead", walk[-1].cursor) for one in page.records}
    assert again.isdisjoint(leads)


@pytest.fixture
def patient(tryton: Tryton, tmp_path: Path) -> Iterator[Ends]:
    """Ends that read as far back as is usual, in whole pages."""
    made = Ends(tryton, tmp_path)
    yield made
    made.close()


def test_what_is_committed_late_is_read_though_a_later_change_of_its_record_was(tryton: Tryton, patient: Ends) -> None:
    (party,) = people(tryton, "late", 1)
    lead = str(tryton.rest.create(LEAD, party=int(party))["id"])
    tryton.marketer.rpc.write("party.contact_mechanism", [mechanism(tryton, "late0@aas.example")], comment="later")
    (_, cursor), theirs = pulled(patient), [page.cursor for page in patient.crm.changes("lead", "")][-1]
    beneath(
        tryton, f"UPDATE party_party SET name = 'Late' WHERE id = {party}",
        f"UPDATE sale_opportunity SET state = 'lost' WHERE id = {lead}",
    )  # fmt: skip
    assert [(one.id, one.values["name"]) for one in pulled(patient, cursor)[0]] == [(party, "Late")]
    told = [one for page in patient.crm.changes("lead", theirs) for one in page.records]
    assert [(one.id, one.stage, one.company) for one in told] == [(lead, "lost", "Late")]


def test_what_changed_around_a_record_is_in_a_window_and_in_the_sweep(tryton: Tryton, ends: Ends) -> None:
    old, new = people(tryton, "swept", 2)
    leads = [str(tryton.rest.create(LEAD, party=int(one))["id"]) for one in (old, new)]
    tables = ("party_party", "party_contact_mechanism", "party_address", "sale_opportunity")
    beneath(tryton, *(f"UPDATE {one} SET create_date = '2020-01-01', write_date = NULL" for one in tables))
    tryton.marketer.rpc.write("party.contact_mechanism", [mechanism(tryton, "swept1@aas.example")], comment="new")
    hour, now = timedelta(hours=1), datetime.now(UTC) + timedelta(seconds=1)
    pages = [*ends.source.pull("contacts", "", Window(now - hour, now))]
    assert [one.id for page in pages for one in page.records] == [new]
    ends.clock.at = now
    assert [one.id for page in ends.crm.sweep("lead", "", now - hour) for one in page.records] == leads[1:]


def test_who_is_deleted_archived_or_merged_between_two_pages_costs_nobody_else(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    made = people(tryton, "page", 3 * PAGE + 1)
    pages = ends.source.pull("contacts", start)
    read = next(pages)
    before, after = ids(read.records), made[PAGE + 1 :]
    assert before == made[:PAGE]
    for id in (before[0], after[0]):
        assert tryton.rest.send("DELETE", f"party.party/{id}").ok
    tryton.marketer.rpc.write("party.party", [int(before[1]), int(after[1])], active=False)
    tryton.marketer.replaces(int(before[2]), int(after[2]))
    tryton.marketer.replaces(int(after[3]), int(before[2]))
    rest = list(pages)
    again, cursor = pulled(ends, rest[-1].cursor)
    last = {one.id: one for one in [*read.records, *(one for page in rest for one in page.records), *again]}
    assert {*made} - {*last} <= {after[0]}
    assert [last[id].values["active"] for id in (before[1], after[1], before[2], after[3])] == [False] * 4
    assert (last[before[2]].merged_into, last[after[3]].merged_into) == (after[2], before[2])
    assert {*made}.isdisjoint(ids(pulled(ends, cursor)[0]))


def test_a_walk_goes_on_though_the_opportunity_that_it_stopped_at_is_gone(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    leads = [str(tryton.rest.create(LEAD, description=f"Lead {n}")["id"]) for n in range(MANY)]
    stopped = next(ends.crm.changes("lead", start))
    last = stopped.records[-1].id
    assert last == leads[PAGE - 1]
    assert tryton.rest.send("POST", f"{LEAD}/{last}/cancel", {}).ok
    assert tryton.rest.send("DELETE", f"{LEAD}/{last}").ok
    rest = [one.id for page in ends.crm.changes("lead", stopped.cursor) for one in page.records]
    assert rest == leads[PAGE:]


def test_a_key_that_ends_between_two_pages_stops_there_and_goes_on_there(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    made = people(tryton, "key")
    pages = ends.source.pull("contacts", start)
    read = next(pages)
    with tryton.without_a_key():
        with pytest.raises(AuthError, match="tryton"):
            next(pages)
        with pytest.raises(AuthError, match="tryton"):
            pulled(ends, read.cursor)
    rest, _ = pulled(ends, read.cursor)
    assert [*ids(read.records), *ids(rest)] == made


def test_who_was_archived_and_comes_back_is_told_both_times(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    (party,) = people(tryton, "back", 1)
    _, cursor = pulled(ends, start)
    for active in (False, True):
        tryton.marketer.rpc.write("party.party", [int(party)], active=active)
        records, cursor = pulled(ends, cursor)
        told = [(one.values["active"], one.values["email"], one.gone) for one in records if one.id == party]
        assert told == [(active, "back0@aas.example", False)]


def test_of_two_addresses_the_first_that_is_in_use_is_the_contacts(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    both = reached("one@two.example", "two@two.example", sequence=5)
    (party,) = tryton.marketer.rpc.create("party.party", {"name": "Two", **both})
    one, two = (mechanism(tryton, f"{word}@two.example") for word in ("one", "two"))
    records, cursor = pulled(ends, start)
    for id, changed, first in (
        (two, {"sequence": 5}, "one"), (two, {"sequence": 1}, "two"), (two, {"active": False}, "one"),
        (two, {"active": True}, "two"), (one, {"sequence": 0}, "one"),
    ):  # fmt: skip
        tryton.marketer.rpc.write("party.contact_mechanism", [id], **changed)
        records, cursor = pulled(ends, cursor)
        assert [row.values["email"] for row in records if row.id == str(party)] == [f"{first}@two.example"]


def mechanism(tryton: Tryton, value: str) -> int:
    return tryton.marketer.rpc.one("party.contact_mechanism", [["value", "=", value]])


def test_an_open_opportunity_is_found_by_any_address_of_its_party(tryton: Tryton, ends: Ends) -> None:
    three = reached(*(f"{word}@any.example" for word in ("one", "two", "old")))
    (party,) = tryton.marketer.rpc.create("party.party", {"name": "Any", **three})
    lead = id_of(ends.write("lead", "s1-any", {"party.email": "Two@any.example", "party.name": "Other"}))
    tryton.marketer.rpc.write("party.contact_mechanism", [mechanism(tryton, "old@any.example")], active=False)
    told = ends.told("lead", lead)
    (row,) = tryton.ledger(LEAD, "party", "contact.value", domain=[["id", "=", int(lead)]])
    assert (row["party"], row["contact"]["value"]) == (party, "two@any.example")
    for address in ("one", "two", "old"):
        (found,) = ends.crm.look_up([Wanted(f"{address}@any.example")])
        assert (found.id, found.email, found.modified_at) == (lead, "one@any.example", told.modified_at)
        assert found.other_emails == ["two@any.example", "old@any.example"]


def test_an_address_that_another_party_uses_by_now_is_that_ones(tryton: Tryton, ends: Ends) -> None:
    rows = ({"name": word, **reached(f"{word}@desk.example")} for word in ("info", "other"))
    first, second = tryton.marketer.rpc.create("party.party", *rows)
    left = id_of(ends.write("lead", "s1-info", {"party.email": "info@desk.example"}))
    tryton.marketer.rpc.write("party.contact_mechanism", [mechanism(tryton, "info@desk.example")], active=False)
    more = {"party": second, "type": "email", "value": "Info@desk.example"}
    *_, used = tryton.marketer.rpc.create("party.contact_mechanism", more | {"active": False}, more)
    asked = [Wanted("info@desk.example")]
    assert [(one.id, one.email, one.other_emails) for one in ends.crm.look_up(asked)] == [(left, "", [])]
    taken = id_of(ends.write("lead", "s1-other", {"party.email": "other@desk.example"}))
    found = {one.id: one.other_emails for one in ends.crm.look_up(asked)}
    assert found == {left: [], taken: ["Info@desk.example"]}
    again = id_of(ends.write("lead", "s1-again", {"party.email": "info@desk.example"}))
    (row,) = tryton.ledger(LEAD, "party", "contact", domain=[["id", "=", int(again)]])
    assert (row["party"], row["contact"], first < second) == (second, used, True)


def test_whose_party_was_merged_is_met_at_the_one_that_replaces_it(tryton: Tryton, ends: Ends) -> None:
    start = begin()
    loser, winner = (int(one) for one in people(tryton, "merge", 2))
    lead = id_of(ends.write("lead", "s1-merge", {"party.email": "merge0@aas.example"}))
    told, cursor = _emails(ends, lead, start)
    assert told == ["merge0@aas.example"]
    tryton.marketer.replaces(loser, winner)
    assert _emails(ends, lead, cursor)[0] == ["merge1@aas.example"]
    for address in ("merge0@aas.example", "merge1@aas.example"):
        (found,) = ends.crm.look_up([Wanted(address)])
        assert (found.id, found.email, found.other_emails) == (lead, "merge1@aas.example", ["merge0@aas.example"])
    other = id_of(ends.write("lead", "s1-other", {"party.email": "merge0@aas.example"}))
    (row,) = tryton.ledger(LEAD, "party", domain=[["id", "=", int(other)]])
    assert row["party"] == winner


def _emails(ends: Ends, lead: str, cursor: str) -> tuple[list[str], str]:
    """What is told of an opportunity's address after a cursor, and where that stands."""
    pages = list(ends.crm.changes("lead", cursor))
    return [one.email for page in pages for one in page.records if one.id == lead], pages[-1].cursor
