"""Values, errors and times as Tryton says them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters._tryton.api import Rest, TrytonSettings, page_code, read_error
from adapters._tryton.source import TrytonSource
from adapters._tryton.values import plain, same, sent, time
from adapters._tryton.walk import MOST_REMEMBERED, Walk, decode, encode
from connector.model.adapter import Context
from connector.model.http import Answer, Request
from connector.model.outbox import NotExecuted

moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]))


@given(moments)
def test_a_moment_comes_back_as_it_was(at: datetime) -> None:
    assert datetime.fromisoformat(plain(time(at))) == at


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_comes_back_as_it_was(amount: Any) -> None:
    assert plain(sent("numeric", str(amount))) == str(amount)


@given(st.text())
def test_a_line_has_one_line_and_no_blanks_around_it(text: str) -> None:
    line = sent("char", text)
    assert line is None or (line == line.strip() and len(line.splitlines()) <= 1)


def test_what_is_joined_stands_in_place_of_its_id() -> None:
    told = {"id": 1, "party": 7, "party.": {"id": 7, "name": "Ana"}, "lines.": [{"id": 2, "at.": None}]}
    assert plain(told) == {"id": 1, "party": {"id": 7, "name": "Ana"}, "lines": [{"id": 2, "at": None}]}


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "many"), ("numeric", "much"), ("date", "soon"), ("float", []), ("many2one", "Lena")],
)
def test_what_a_field_cannot_hold_is_no_value(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r".*"):
        sent(kind, value)


def test_an_address_is_compared_letter_by_letter() -> None:
    assert same(r"a_b%c\d@x.example") == ["value", "ilike", r"a\_b\%c\\d@x.example"]


PAGE = b"<!doctype html>\n<html lang=en>\n<title>%s</title>\n<h1>%s</h1>\n<p>%s</p>\n"


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (PAGE % (b"404 Not Found", b"Not Found", b"The requested URL was not found"), "404"),
        (PAGE % (b"400 Bad Request", b"Bad Request", b"Unable to get RPC method"), "NOT_RUN"),
        (PAGE % (b"400 Bad Request", b"Bad Request", b"Not a JSON request"), "400"),
        (b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1>", ""),
        (b"", ""),
    ],
)
def test_trytons_pages_are_told_from_those_of_others(page: bytes, code: str) -> None:
    assert page_code(page) == code


def test_a_refusal_tells_its_field_and_neither_value_nor_record() -> None:
    said = 'The value "ana@firm.example" for field "Contact" in record "7 [s1-7]" of "Sale Opportunity" is not valid.'
    code, words, label = read_error({"status": 400, "message": said, "description": ""})
    assert (code, label) == ("REFUSED", "Contact")
    assert "ana" not in words
    assert "s1-7" not in words


@pytest.mark.parametrize("address", ["http://erp.example.com", "erp.example.com", "ftp://127.0.0.1"])
def test_a_key_goes_over_https_alone(address: str) -> None:
    with pytest.raises(ValidationError, match="https://"):
        TrytonSettings(base_url=address, database="crm")


def test_what_has_no_module_there_is_left_out_with_its_rights(tmp_path: Path) -> None:
    settings = TrytonSettings(base_url="https://erp.example.com", database="crm", streams=["clicks", "contacts"])
    source = TrytonSource(settings, Context("tryton", tmp_path, lambda: NOW, str))
    assert source.capabilities.streams == ("contacts", "clicks")
    assert {name.partition(".")[0] for name in source._needs} == {"party", "web", "marketing"}
    assert "marketing.email" not in source._needs


class Parties:
    """A server that has these records, of one time each."""

    def __init__(self, changed: dict[int, datetime]) -> None:
        self.changed, self.date = changed, "Fri, 20 Nov 2026 08:00:00 GMT"

    def read(self, request: Request) -> Answer:
        body = request.json
        after = next(one[2] for one in body["domain"] if one[:2] == ["id", ">"])
        since = next((one[1][2] for one in body["domain"] if one[0] == "OR"), None)
        found = [id for id in sorted(self.changed) if id > after]
        found = [id for id in found if since is None or self.changed[id].isoformat() >= plain(since)]
        told = [{"id": id, "last_modified_at": time(self.changed[id])} for id in found[: body["limit"]]]
        return Answer(200, {"date": self.date}, orjson.dumps(told))

    def send(self, request: Request) -> NotExecuted:
        raise AssertionError(request.path)


NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def walked(parties: Parties, cursor: str = "") -> tuple[list[int], str]:
    settings = TrytonSettings(base_url="https://erp.example.com", database="crm", page_size=1000)
    walk = Walk(Rest(parties, settings), "party.party", (), lambda: NOW)
    pages: Iterator[Any] = walk.steps(decode(cursor))
    found: list[int] = []
    for rows, state in pages:
        found += [one["id"] for one in rows]
        cursor = encode(state)
    return found, cursor


def test_more_than_can_be_remembered_comes_again_and_then_falls_silent() -> None:
    parties = Parties(dict.fromkeys(range(1, MOST_REMEMBERED + 2), NOW))
    found, cursor = walked(parties)
    assert len(found) == MOST_REMEMBERED + 1
    assert len(cursor) < 100
    parties.date = "Fri, 20 Nov 2026 08:10:00 GMT"
    again, cursor = walked(parties, cursor)
    assert again == found
    assert walked(parties, cursor)[0] == []


def test_what_was_committed_late_is_read_within_the_overlap_and_not_beyond() -> None:
    parties = Parties({1: NOW})
    _, cursor = walked(parties)
    parties.changed |= {2: NOW - timedelta(seconds=290), 3: NOW - timedelta(seconds=310)}
    found, cursor = walked(parties, cursor)
    assert found == [2]
    assert walked(parties, cursor)[0] == []
