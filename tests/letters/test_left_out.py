"""A field that a platform refuses again and again: the record goes without it, and a notice tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.model.outbox import OutboxRow, Refused
from connector.model.ports import ReviewItem
from tests.line import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    crm = made.app.crm("crm")
    crm.capabilities = replace(crm.capabilities, field_codes=frozenset({"BAD_VALUE"}), key_fields={"lead": "key"})
    yield made
    made.app.close()


def put(line: Line, ours: str = "l1", **values: str) -> None:
    with line.app.store.write() as tx:
        tx.outbox.put([OutboxRow("crm", "state", "lead", ours, f"crm:lead:{ours}", values)], line.now)


def refuses(line: Line, *fields: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CRM takes no value of these fields, whatever it says of them."""
    platform = type(line.app.crm("crm").platform)  # type: ignore[attr-defined]
    whole: Any = platform._refusal

    def refusal(self: Any, item: Any, refuse_creates: bool) -> Any:
        name = next((name for name in fields if name in item.values), "")
        if name:
            return Refused(f"Lead.{name}: the value is refused", "BAD_VALUE", name)
        return whole(self, item, refuse_creates)

    monkeypatch.setattr(platform, "_refusal", refusal)


def notices(line: Line) -> list[ReviewItem]:
    return line.waiting_for_people("notice")


def test_the_record_goes_without_it_and_the_notice_closes_once_it_is_taken(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        refuses(line, "phone", monkeypatch=patched)
        put(line, name="Ana", phone="none", city="Bonn")
        counts = line.sync().counts
    assert counts["fields left out"] == 1
    assert line.outbox("dead", "waiting") == []
    (lead,) = line.crm.things("lead")
    assert lead.values == {"name": "Ana", "city": "Bonn"}
    (notice,) = notices(line)
    assert (notice.field, notice.body["code"], notice.connection) == ("phone", "BAD_VALUE", "crm")
    put(line, name="Ana", phone="+49 30 1", city="Bonn")
    assert line.sync().counts["notices closed"] == 1
    assert line.crm.things("lead")[0].values["phone"] == "+49 30 1"
    assert notices(line) == []


def test_two_fields_cost_two_more_tries_and_not_the_record(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    refuses(line, "phone", "city", monkeypatch=monkeypatch)
    put(line, name="Ana", phone="none", city="Bonn")
    line.sync()
    assert line.crm.things("lead")[0].values == {"name": "Ana"}
    assert {one.field for one in notices(line)} == {"phone", "city"}
    assert len(line.crm.calls("write")) == 4


def test_what_has_nothing_else_to_say_or_is_our_key_is_refused_as_a_whole(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses(line, "phone", "key", monkeypatch=monkeypatch)
    put(line, phone="none")
    put(line, "l2", key="l2", name="Bo")
    line.sync()
    assert [row.field for row in line.outbox("dead")] == ["phone", "key"]
    assert notices(line) == []
    assert line.crm.things("lead") == []
