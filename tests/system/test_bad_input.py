"""Bad input, from the command line: one clear line with its place, the rest goes on, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters._files.source import FilesSource
from connector.model.records import Page
from tests.system.conftest import CONTACTS, Shop, activities


def error_of(answer: Any) -> str:
    """The one line that went to stderr."""
    (line,) = answer.stderr.splitlines()
    assert "Traceback" not in answer.output
    return str(line)


def line_of(shop: Shop, name: str, text: str) -> int:
    """The number of the line in a file of the shop that has `text` in it."""
    lines = (shop.folder / name).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("config.toml", "required =", "requried =", "flows.b2b.requried: unknown key requried; did you mean required?"),
        ("config.toml", '"live"', '"life"', "flows.b2b.mode: "),
        ("config.toml", '"live"', "live", "a text needs quotes"),
        ("config.toml", "weight = 2", 'weight = "2"', "teams.sales.members.1.weight: "),
        (
            "mapping.toml",
            "email               =",
            "emial               =",
            "read.emial: unknown field emial; did you",
        ),
        ("mapping.toml", '"name.full"', "stage", "read.stage: stage is computed by Baton"),
        ("mapping.toml", 'as = "integer"', 'as = "number"', "unknown conversion number"),
        ("mapping.toml", '"demo_request"', '"demo_requst"', "unknown kind demo_requst; did you mean demo_request?"),
    ],
)
def test_a_slip_in_a_file_is_told_with_file_line_and_key(shop: Shop, file: str, old: str, new: str, said: str) -> None:
    shop.edit(file, old, new)
    line = error_of(shop.baton("sync"))
    assert f"{file}:{line_of(shop, file, new)}: " in line
    assert said in line
    assert shop.baton("sync").exit_code == 2


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        ("6,too,few", "contacts.csv:7", "too few columns: 3, the header has 6"),
        ("6,a,b,c,d,e,f,g", "contacts.csv:7", "too many columns: 8, the header has 6"),
        ('"6,Fay,f@f.example,F,5,2026-11-04T10:00:00Z"', "contacts.csv:7", "wrapped in one pair of quotes"),
        ('6,"Fay', "contacts.csv:7", "a quote that is never closed"),
        (",Fay,f@f.example,F,5,2026-11-04T10:00:00Z", "contacts.csv:7", "no id"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_and_the_others_go_on(
    shop: Shop, row: str, place: str, reason: str
) -> None:
    shop.write("contacts.csv", f"{CONTACTS}{row}\n")
    counts = shop.told("sync")["counts"]
    assert (counts["contacts read"], counts["new leads"], counts["set aside"]) == (6, 4, 2)
    (found,) = [one for one in shop.told("errors")["errors"] if one["where"] == f"export: {place}"]
    assert reason in found["reason"]


def test_a_value_that_cannot_be_used_costs_its_field_only(shop: Shop) -> None:
    shop.edit("mapping.toml", "[event]", 'first_touch_at = "since"\n\n[event]')
    shop.write("contacts.csv", "id,name,email,since,changed\n7,Gil,g@gil.example,2026-02-30,2026-11-04T10:00:00Z\n")
    counts = shop.told("sync")["counts"]
    assert (counts["new leads"], counts["fields set aside"], counts.get("set aside", 0)) == (1, 1, 0)
    (found,) = [one for one in shop.told("errors")["errors"] if one["kind"] == "set_aside"]
    assert (found["where"], found["field"]) == ("export: contacts.csv:2", "first_touch_at")
    assert found["reason"] == "'2026-02-30': not a time, expected YYYY-MM-DD"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b1,1,31.12.2026,demo", "at: '31.12.2026': not a time"),
        ("b1,1,,demo", "at: no time"),
        ("b1,1,2999-01-01T00:00:00Z,demo", "lies in the future"),
        ("b1,,2026-11-01T00:00:00Z,demo", "contact: no person"),
    ],
)
def test_an_event_that_cannot_be_used_is_set_aside(shop: Shop, row: str, reason: str) -> None:
    shop.write("activities.csv", activities() + row + "\n")
    answer = shop.told("sync")
    assert (answer["counts"]["activities read"], answer["counts"]["activities"]) == (6, 4)
    (found,) = [one for one in shop.told("errors")["errors"] if "activities.csv" in one["where"]]
    assert found["where"] == "export: activities.csv:7"
    assert reason in found["reason"]


def undecodable(shop: Shop) -> None:
    content = CONTACTS.encode().replace(b"Ana", b"\xff\x81\xfe")
    (shop.folder / "contacts.csv").write_bytes(content)


def no_text(shop: Shop) -> None:
    (shop.folder / "contacts.csv").write_bytes(b"\x00\x01\x1b[2J\x00" * 40)


def missing(shop: Shop) -> None:
    (shop.folder / "contacts.csv").unlink()


def two_of_one_name(shop: Shop) -> None:
    for folder in ("a", "b"):
        (shop.folder / folder).mkdir()
        shop.write(f"{folder}/contacts.csv", CONTACTS)
    shop.edit("config.toml", 'files = "contacts.csv"', 'files = ["a/*.csv", "b/*.csv"]')


def two_columns_of_one_name(shop: Shop) -> None:
    shop.edit("contacts.csv", "name,email", "email,email")


def without_its_id(shop: Shop) -> None:
    shop.edit("contacts.csv", "id,name", "nr,name")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (undecodable, "contacts.csv:2: connections.export: not UTF-8: byte 0xff at offset 37"),
        (no_text, "contacts.csv:1: connections.export: the header is no text"),
        (missing, "config.toml:11: connections.export.contacts: there is no file contacts.csv"),
        (two_of_one_name, "config.toml:11: connections.export.contacts: 2 files are called contacts.csv (a/contac"),
        (two_columns_of_one_name, "contacts.csv:1: connections.export: columns 2 and 3 are both called email"),
        (without_its_id, "contacts.csv:1: connections.export: unknown column id; allowed: changed, company, email, "),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named_and_the_other_stream_is_read(
    shop: Shop, spoil: Callable[[Shop], None], said: str
) -> None:
    spoil(shop)
    answer = shop.baton("sync")
    assert answer.exit_code == 2
    assert said in error_of(answer)
    assert said in shop.baton("check").stdout
    assert shop.told("status")["totals"]["waiting_activities"] == 4
    assert "failed: export" in shop.baton("status").stdout


def test_a_file_that_was_mended_is_read_and_nothing_was_lost(shop: Shop) -> None:
    missing(shop)
    shop.baton("sync")
    shop.write("contacts.csv", CONTACTS)
    answer = shop.told("sync")
    assert (answer["counts"]["new leads"], answer["counts"]["handed over"]) == (4, 1)
    assert answer["delivered"] == {"done": {"lead": 1, "task": 1, "note": 1}}


@pytest.mark.parametrize("content", ["", CONTACTS.splitlines()[0] + "\n"])
def test_a_source_with_nothing_in_it_is_said(shop: Shop, content: str) -> None:
    shop.write("contacts.csv", content)
    answer = shop.baton("sync")
    assert (answer.exit_code, answer.stderr) == (0, "export: contacts.csv: no rows in it\n")
    found = shop.told("check")["findings"]
    assert [one["text"] for one in found if "no column" in one["text"] and "there is" in one["text"]] == []
    assert any("is the file empty?" in one["text"] for one in found) is not content.startswith("id")


def test_a_cursor_that_does_not_move_stops_that_source_in_one_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = FilesSource.pull

    def stuck(self: FilesSource, stream: str, cursor: str, window: Any = None) -> Iterator[Page]:
        for page in pull(self, stream, cursor, window):
            page.cursor = cursor
            yield page

    monkeypatch.setattr(FilesSource, "pull", stuck)
    answer = shop.baton("sync")
    assert answer.exit_code == 4
    assert "export: contacts: the cursor did not move" in error_of(answer)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('event  = "event"', 'event  = "evnt"', "event.event"),
        ('modified_at = "changed"', 'modified_at = "changd"', "contact.modified_at"),
        ('[[activities]]\nevent = "visit"', '[[activities]]\ncounter = "sizes"', "activities.2.counter"),
    ],
)
def test_check_tells_every_column_that_the_source_lacks(shop: Shop, old: str, new: str, key: str) -> None:
    shop.edit("mapping.toml", old, new)
    (found,) = [one["text"] for one in shop.told("check")["findings"] if "there is no column" in one["text"]]
    assert f"mapping.toml:{line_of(shop, 'mapping.toml', new.splitlines()[-1])}: {key}: " in found
    assert "did you mean" in found
