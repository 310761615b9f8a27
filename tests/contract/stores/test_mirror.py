"""The port `Mirror`: what a CRM has, as last read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from connector.model.mirror import CrmRecord, MirrorKey
from connector.model.ports import Store
from state.engine import Pool, Sqlite
from state.mirror import FIND, GET, KNOWN, LISTING, OF_OBJECTS
from state.schema import SEARCHED

MINUTE = timedelta(minutes=1)


def contact(number: int = 1, **given: Any) -> CrmRecord:
    return CrmRecord(**{"object": "contact", "id": f"003{number}", "email": f"p{number}@example.com", **given})


def full(now: datetime) -> CrmRecord:
    return CrmRecord(
        "opportunity", "006A", now, "ab12cd-17", "花子@example.jp", "+81312345678", "山田 花子", "山田", "例株式会社",
        "example.jp", "005A", "001A", "003A", active=False, is_open=False, won=True, customer=True, stage="Closed Won",
        amount=1250.5, currency="JPY", converted_to={"contact": "003B"}, merged_into="006B", gone=True, by="005B",
        values={"Status": "Open", "Tags": ["a", "b"], "Count": 3, "Blank": None},
    )  # fmt: skip


class TestPut:
    def test_a_record_comes_back_as_it_was_put(self, store: Store, now: datetime) -> None:
        bare = CrmRecord("user", "005A")
        with store.write() as tx:
            assert tx.mirror.put("crm", [full(now), bare], now) == [(None, full(now)), (None, bare)]
            assert tx.mirror.put("crm", [], now) == []
        with store.read() as tx:
            assert tx.mirror.get("crm", "opportunity", ["006A", "006Z"]) == {"006A": full(now)}
            assert tx.mirror.get("crm", "user", ["005A"]) == {"005A": bare}
            assert tx.mirror.get("other", "user", ["005A"]) == {}
            assert tx.mirror.get("crm", "contact", ["005A"]) == {}

    def test_only_what_says_otherwise_is_told_with_what_it_said_before(self, store: Store, now: datetime) -> None:
        first = [contact(number, values={"a": 1, "b": 2}) for number in (1, 2, 3)]
        moved = replace(first[1], stage="Working")
        with store.write() as tx:
            tx.mirror.put("crm", first, now)
            again = [contact(1, values={"b": 2, "a": 1}), moved, first[2], contact(4)]
            assert tx.mirror.put("crm", again, now) == [(first[1], moved), (None, contact(4))]
            assert tx.mirror.get("crm", "contact", ["0032"]) == {"0032": moved}

    @pytest.mark.parametrize("field", ["email", "phone", "our_key", "domain", "account", "person"])
    def test_a_key_that_changed_says_otherwise(self, store: Store, now: datetime, field: str) -> None:
        changed = contact(1, **{field: "x"})
        with store.write() as tx:
            tx.mirror.put("crm", [contact()], now)
            assert tx.mirror.put("crm", [changed], now) == [(contact(), changed)]

    def test_a_word_that_moves_to_the_next_key_says_otherwise(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.mirror.put("crm", [contact(email="x", phone="")], now)
            assert len(tx.mirror.put("crm", [contact(email="", phone="x")], now)) == 1

    def test_when_and_by_whom_is_kept_but_is_no_news(self, store: Store, now: datetime) -> None:
        later = contact(modified_at=now + MINUTE, by="005B")
        with store.write() as tx:
            tx.mirror.put("crm", [contact(modified_at=now, by="005A")], now)
            assert tx.mirror.put("crm", [later], now) == []
            assert tx.mirror.get("crm", "contact", ["0031"]) == {"0031": later}

    def test_what_was_read_before_does_not_undo_what_is_known(self, store: Store, now: datetime) -> None:
        newer = contact(modified_at=now, stage="Working")
        older = contact(modified_at=now - MINUTE, stage="Open")
        with store.write() as tx:
            tx.mirror.put("crm", [newer], now)
            assert tx.mirror.put("crm", [older], now) == []
            assert tx.mirror.get("crm", "contact", ["0031"]) == {"0031": newer}
            assert len(tx.mirror.put("crm", [replace(older, modified_at=None)], now)) == 1

    @pytest.mark.parametrize("ended", [{"gone": True}, {"merged_into": "0032"}])
    def test_a_deletion_counts_whenever_it_is_heard_of(self, store: Store, now: datetime, ended: Any) -> None:
        with store.write() as tx:
            tx.mirror.put("crm", [contact(modified_at=now)], now)
            told = contact(modified_at=now - MINUTE, **ended)
            assert tx.mirror.put("crm", [told], now) == [(contact(modified_at=now), told)]

    def test_of_a_record_that_comes_twice_the_newer_counts(self, store: Store, now: datetime) -> None:
        old, new = contact(modified_at=now, stage="Open"), contact(modified_at=now + MINUTE, stage="Working")
        undated = [contact(2, stage="Open"), contact(2, stage="Working")]
        with store.write() as tx:
            assert tx.mirror.put("crm", [new, old, *undated], now) == [(None, new), (None, undated[1])]
            assert tx.mirror.get("crm", "contact", ["0031", "0032"]) == {"0031": new, "0032": undated[1]}


class TestFinding:
    @pytest.mark.parametrize("by", get_args(MirrorKey))
    def test_by_each_key(self, store: Store, now: datetime, by: MirrorKey) -> None:
        words = ["a", "b", "a", ""]
        records = [contact(number, **{"email": "", by: word}) for number, word in enumerate(words)]
        with store.write() as tx:
            tx.mirror.put("crm", records, now)
            tx.mirror.put("other", records, now)
            found = tx.mirror.find("crm", by, ["b", "a", "c", "", "a"])
        assert found == {"a": [records[0], records[2]], "b": [records[1]]}

    def test_only_of_some_objects(self, store: Store, now: datetime) -> None:
        lead, person = CrmRecord("lead", "00Q1", email="x"), CrmRecord("contact", "0031", email="x")
        with store.write() as tx:
            tx.mirror.put("crm", [lead, person, CrmRecord("user", "0051", email="x")], now)
            assert tx.mirror.find("crm", "email", ["x"], ["lead", "contact"]) == {"x": [person, lead]}
            assert tx.mirror.find("crm", "email", ["x"], ["lead"]) == {"x": [lead]}
            assert tx.mirror.find("crm", "email", ["x"], ["task"]) == {}

    def test_what_is_gone_or_merged_is_not_found_until_it_is_back(self, store: Store, now: datetime) -> None:
        records = [contact(1, email="x", gone=True), contact(2, email="x", merged_into="0033"), contact(3, email="x")]
        with store.write() as tx:
            tx.mirror.put("crm", records, now)
            assert tx.mirror.find("crm", "email", ["x"]) == {"x": [records[2]]}
            assert tx.mirror.listing("crm", "contact") == [records[2]]
            assert tx.mirror.counts("crm") == {"contact": 1}
            assert len(tx.mirror.get("crm", "contact", ["0031", "0032"])) == 2
            back = replace(records[0], gone=False)
            assert tx.mirror.put("crm", [back], now) == [(records[0], back)]
            assert tx.mirror.find("crm", "email", ["x"]) == {"x": [back, records[2]]}

    def test_listing_goes_on_after_an_id(self, store: Store, now: datetime) -> None:
        records = [contact(number) for number in range(5)]
        with store.write() as tx:
            tx.mirror.put("crm", [*records[::-1], CrmRecord("lead", "0030")], now)
            assert tx.mirror.listing("crm", "contact", limit=2) == records[:2]
            assert tx.mirror.listing("crm", "contact", "0031", 2) == records[2:4]
            assert tx.mirror.listing("crm", "contact", "0034") == []

    def test_counts_are_of_one_connection(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.mirror.put("crm", [contact(1), contact(2), CrmRecord("lead", "00Q1")], now)
            assert tx.mirror.counts("crm") == {"contact": 2, "lead": 1}
            assert tx.mirror.counts("other") == {}

    def test_the_columns_are_the_keys_of_the_model(self) -> None:
        assert set(SEARCHED) == set(get_args(MirrorKey))


@pytest.mark.parametrize("text", [GET, KNOWN, LISTING])
def test_pages_are_kept_and_found_without_a_scan(sqlite_template: Path, text: str) -> None:
    assert all("external_id" in step for step in _plan(sqlite_template, text))


@pytest.mark.parametrize("by", get_args(MirrorKey))
def test_each_key_is_searched_by_its_index(sqlite_template: Path, by: MirrorKey) -> None:
    for text in (FIND[by], FIND[by] + OF_OBJECTS):
        assert _plan(sqlite_template, text) == [f"SEARCH mirror USING INDEX ix_mirror_{by} (connection=? AND {by}=?)"]


def _plan(path: Path, text: str) -> list[str]:
    pool = Pool(Sqlite(str(path)))
    with pool.transaction(writing=False) as session:
        rows = session.rows("EXPLAIN QUERY PLAN " + text, *["1"] * text.count("?"))
    pool.close()
    return [row[3] for row in rows if "mirror" in row[3]]
