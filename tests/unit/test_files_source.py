"""Exports read as a source: what is set aside, what an admin must mend, what is read again."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters._files.settings import FilesSettings
from adapters._files.source import FilesSource
from connector.model.adapter import Context
from connector.model.errors import ConfigError
from connector.model.records import Page, Record, Rejected, Window

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., FilesSource]:
    def make(files: Any = "leads.csv", **settings: Any) -> FilesSource:
        context = Context("exports", tmp_path, lambda: NOW, lambda _name: "")
        return FilesSource(FilesSettings.model_validate({"contacts": {"files": files, **settings}}), context)

    return make


Make = Callable[..., FilesSource]


def read(source: FilesSource, cursor: str = "") -> list[Page]:
    return list(source.pull("contacts", cursor))


def faulty(source: FilesSource, cursor: str = "") -> tuple[list[Page], str]:
    """Pages, and the problems that were raised after them."""
    pages: list[Page] = []
    with pytest.raises(ConfigError) as caught:
        pages.extend(source.pull("contacts", cursor))
    return pages, str(caught.value)


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def rejected(pages: list[Page]) -> list[Rejected]:
    return [row for page in pages for row in page.rejected]


def notes(pages: list[Page]) -> list[str]:
    return [note for page in pages for note in page.notes]


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(delimiter: str, source: Make, tmp_path: Path) -> None:
    rows = [["id", "name, or what"], ["1", "a"], ["2", 'b;c|d,e"']]
    quoted = "\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    put(tmp_path, "leads.csv", quoted)
    assert [record.values["name, or what"] for record in records(read(source()))] == ["a", 'b;c|d,e"']


def test_excels_own_way_to_name_the_delimiter(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "sep=;\nid;name,full\n1;Ana\n")
    record = records(read(source()))[0]
    assert (record.values, record.where) == ({"id": "1", "name,full": "Ana"}, "leads.csv:3")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Ana", "too few columns: 2, the header has 3"),
        ("1,Ana,Bonn,x", "too many columns: 4, the header has 3"),
        ('"1,Ana,Bonn"', "the whole row is wrapped in one pair of quotes"),
        ('1,"Ana" W,Bonn', "a quote inside a quoted field that is not doubled"),
        ("1,A\0na,Bonn", "it has a NUL character"),
        ("1," + "x" * 1_000_001 + ",Bonn", "a field longer than 1000000 characters, or a quote that is never closed"),
    ],
)
def test_a_row_at_fault_is_rejected_and_the_rest_goes_on(row: str, reason: str, source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", f"id,name,city\n0,Bo,Ulm\n{row}\n2,Cy,Köln\n")
    pages = read(source())
    assert [record.id for record in records(pages)] == ["0", "2"]
    (found,) = rejected(pages)
    assert (found.where, found.reason) == ("leads.csv:3", reason)
    assert found.raw == row.replace("\0", "?")[:10_000]


def test_a_quote_never_closed_costs_its_line_and_no_other(source: Make, tmp_path: Path) -> None:
    lines = ["id,name", '1,"Ana', "2,Bo", '3,"Cy"', "4,Di", '5,"Ed']
    put(tmp_path, "leads.csv", "\n".join(lines))
    pages = read(source())
    assert [record.id for record in records(pages)] == ["2", "3", "4"]
    assert [(row.where, row.raw) for row in rejected(pages)] == [("leads.csv:2", '1,"Ana'), ("leads.csv:6", '5,"Ed')]


def test_line_breaks_in_quotes_keep_the_numbers_of_lines_right(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", 'id,note\n1,"a\n\nb"\n\n2,c\n3\n')
    pages = read(source())
    assert [(record.where, record.values["note"]) for record in records(pages)] == [
        ("leads.csv:2", "a\n\nb"),
        ("leads.csv:6", "c"),
    ]
    assert rejected(pages)[0].where == "leads.csv:7"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(end: str, source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", f"id,name{end}1,Ana{end}2,Bo\u2028x{end}")
    assert [record.values["name"] for record in records(read(source()))] == ["Ana", "Bo\u2028x"]


def test_rows_with_nothing_in_them_are_passed_over(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,name,\n1,Ana,\n,,\n\n,Bo,\n")
    found = records(read(source()))
    assert [(record.id, record.values) for record in found] == [
        ("1", {"id": "1", "name": "Ana"}),
        ("", {"id": "", "name": "Bo"}),
    ]


def test_very_long_fields_are_read(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,note\n1," + "ü" * 900_000 + "\n2,b\n")
    assert [len(record.values["note"]) for record in records(read(source()))] == [900_000, 1]


def test_rows_read_are_records_and_rejected_rows(source: Make, tmp_path: Path) -> None:
    rows = [f"{n},x" if n % 7 else f"{n}" for n in range(2500)]
    put(tmp_path, "leads.csv", "id,name\n" + "\n".join(rows))
    pages = read(source())
    assert len(records(pages)) + len(rejected(pages)) == 2500
    assert max(len(page.records) + len(page.rejected) for page in pages) == 1000


# ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Prospect ID,name", "name,Contact ID,Campaign ID", "mql_id,name", "name,ID,x_id"])
def test_the_id_is_found_where_none_is_named(header: str, source: Make, tmp_path: Path) -> None:
    columns = header.split(",")
    put(tmp_path, "leads.csv", f"{header}\n" + ",".join("7" if "id" in name.lower() else "Ana" for name in columns))
    assert records(read(source()))[0].id == "7"


def test_an_id_may_be_made_of_several_columns(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "shop,number\nulm, 7 \n,\nköln,\n")
    found = records(read(source(id=["shop", "number"], id_separator="/")))
    assert [record.id for record in found] == ["ulm/7", "köln/"]


def test_a_missing_id_column_names_the_nearest(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "Lead Number,name\n1,Ana\n")
    _, problem = faulty(source(id="Lead Numbr"))
    assert problem == "leads.csv:1: unknown column Lead Numbr; did you mean Lead Number?"


def test_columns_are_found_without_regard_to_case_and_blanks(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "Lead Number,name\n1,Ana\n")
    assert records(read(source(id="lead_number")))[0].id == "1"


# files ----------------------------------------------------------------------------------------


def test_what_must_be_mended_is_told_at_once_after_the_rest_was_read(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "good.csv", "id,name\n1,Ana\n")
    put(tmp_path, "twice.csv", "id,name,name\n1,a,b\n")
    put(tmp_path, "noheader.csv", ",,\n1,2,3\n")
    put(tmp_path, "wrapped.csv", '"id,name,city"\n"1,Ana,Bonn"\n')
    put(tmp_path, "book.xlsx", b"PK\x03\x04whatever")
    put(tmp_path, "folder.csv/in.txt", "x")
    wanted = ["good.csv", "twice.csv", "noheader.csv", "wrapped.csv", "book.xlsx"]
    wanted += ["folder.csv", "missing.csv", "none/*.csv"]
    pages, problems = faulty(source(wanted))
    assert [record.id for record in records(pages)] == ["1"]
    assert sorted(problems.splitlines()) == [
        "book.xlsx: this is an Excel workbook or a ZIP file; save it as CSV in UTF-8",
        "connections.exports.contacts: no file matches none/*.csv",
        "connections.exports.contacts: there is no file missing.csv",
        "folder.csv: this is a folder, not a file",
        "noheader.csv:1: the header names no column",
        "twice.csv:1: columns 2 and 3 are both called name",
        "wrapped.csv:1: the whole header is wrapped in one pair of quotes",
    ]
    with pytest.raises(ConfigError) as caught:
        source(wanted).check()
    assert str(caught.value) == problems


def test_two_files_of_one_name_from_two_entries_are_not_read(source: Make, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        put(tmp_path, f"{folder}/leads.csv", "id\n1\n")
    put(tmp_path, "a/other.csv", "id\n2\n")
    pages, problems = faulty(source(["a/*.csv", "b/leads.csv"]))
    assert [record.where for record in records(pages)] == ["a/other.csv:2"]
    assert "2 files are called leads.csv (a/leads.csv, b/leads.csv)" in problems


def test_one_pattern_may_mean_several_files_of_one_name(source: Make, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        put(tmp_path, f"{folder}/leads.csv", f"id\n{folder}\n")
    assert [record.where for record in records(read(source("*/leads.csv")))] == ["a/leads.csv:2", "b/leads.csv:2"]


def test_a_file_named_twice_is_read_once_and_that_is_said(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id\n1\n")
    pages = read(source(["leads.csv", "*.csv"]))
    assert len(records(pages)) == 1
    assert notes(pages) == ["leads.csv: named twice; read once"]


@pytest.mark.parametrize("content", ["", "id,name\n", "\n\n", "id,name", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_rows_is_noted_once(content: str | bytes, source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", content)
    pages = read(source())
    assert [note for note in notes(pages) if "UTF-16" not in note] == ["leads.csv: no rows in it"]
    assert not any(page.emptied for page in pages)
    assert read(source(), pages[-1].cursor) == []


def test_a_file_named_with_brackets_is_found(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads [1].csv", "id\n1\n")
    assert records(read(source("leads [1].csv")))[0].where == "leads [1].csv:2"


# encodings ------------------------------------------------------------------------------------

JAPANESE = "id,氏名,会社\n" + "".join(f"{n},山田 太郎,株式会社テスト\n" for n in range(30))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932"])
def test_encodings_are_recognised(encoding: str, source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", JAPANESE.replace("\n", "\n" + "x,y,z\n" * 20).encode(encoding))
    pages = read(source())
    assert {record.values["氏名"] for record in records(pages)} == {"山田 太郎", "y"}
    assert records(pages)[0].id == "x"
    assert bool(notes(pages)) == (encoding not in ("utf-8", "utf-8-sig"))


def test_cp932_is_announced(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", JAPANESE.encode("cp932"))
    pages = read(source())
    assert records(pages)[0].values["会社"] == "株式会社テスト"
    assert notes(pages) == ["leads.csv: read as CP932 (Japanese Windows); it is not UTF-8"]


def test_western_names_are_not_taken_for_japanese(source: Make, tmp_path: Path) -> None:
    names = ["Véronique", "Jérôme", "Zoé", "Müller", "Gößling", "Núñez", "Ærø", "François"]
    put(
        tmp_path, "leads.csv", ("id,name\n" + "".join(f"{n},{name}\n" for n, name in enumerate(names))).encode("cp1252")
    )
    _, problem = faulty(source())
    may_be = "it may be cp1252 (Western Europe) or cp1250 (Central Europe): say so with encoding"
    assert problem == f"leads.csv:2: not UTF-8: byte 0xe9 at offset 11; {may_be}"
    pages = read(source(encoding="cp1252"))
    assert [record.values["name"] for record in records(pages)] == names


@pytest.mark.parametrize(("name", "encoding"), [("São Paulo", "latin-1"), ("Åsa", "latin-1"), ("Dvořák", "cp1250")])
def test_of_a_single_name_it_is_not_told_which_half_of_europe_it_is_from(
    name: str, encoding: str, source: Make, tmp_path: Path
) -> None:
    put(tmp_path, "leads.csv", f"id,name\n1,{name}\n".encode(encoding))
    assert "it may be cp1252 (Western Europe) or cp1250 (Central Europe)" in faulty(source())[1]


def test_a_file_that_is_not_what_was_given_says_where(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", JAPANESE.encode("cp932"))
    _, problem = faulty(source(encoding="utf-8"))
    assert problem == "leads.csv:1: not UTF-8: byte 0x8e at offset 3"


def test_utf_16_cut_in_the_middle_says_where(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,name\n1,Ana\n".encode("utf-16") + b"\x00\xd8\x20\x00")
    _, problem = faulty(source())
    assert problem == "leads.csv:3: not UTF-16-LE: byte 0x00 at offset 30"


def test_what_is_no_text_is_told_without_showing_it(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", b"\x00\x01\x02\x1b[2J\x00" * 50)
    assert faulty(source())[1] == "leads.csv:1: the header is no text; is this a CSV file?"


def test_a_code_page_of_dos_is_never_guessed(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", b"id,name\n1,Ana \xff\x81\n")
    found = faulty(source())[1]
    assert found.startswith("leads.csv:2: not UTF-8: byte 0xff at offset 14")
    assert "cp1125" not in found


def test_a_header_without_rows_has_its_columns(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,name\n")
    assert [(one.name, one.fill) for one in source().fields()] == [("id", None), ("name", None)]


def test_a_few_lines_in_another_encoding_are_set_aside_alone(source: Make, tmp_path: Path) -> None:
    rows = [f"{n},Zoë".encode() for n in range(100)]
    rows[41] = "41,Zoë".encode("cp1252")
    put(tmp_path, "leads.csv", b"id,name\n" + b"\n".join(rows))
    pages = read(source())
    assert len(records(pages)) == 99
    assert [(row.where, row.reason) for row in rejected(pages)] == [
        ("leads.csv:43", "byte 0xeb does not belong to the file's encoding")
    ]
    assert notes(pages) == ["leads.csv:43: 1 of 101 lines are not UTF-8"]


# JSONL ----------------------------------------------------------------------------------------


def test_jsonl_is_flattened_and_bad_lines_are_rejected(source: Make, tmp_path: Path) -> None:
    lines = [
        '{"id": 7, "company": {"name": "A", "size": {"min": 1}}, "tags": ["a"], "deals": [{"x": 1}], "none": null}',
        '{"id": 8,',
        "",
        "[1]",
        '{"id": NaN}',
        '{"id": "9", "note": "two\\nlines"}',
    ]
    put(tmp_path, "leads.jsonl", "\n".join(lines))
    pages = read(source("leads.jsonl"))
    assert [(record.id, record.where) for record in records(pages)] == [("7", "leads.jsonl:1"), ("9", "leads.jsonl:6")]
    assert records(pages)[0].values == {
        "id": 7, "company.name": "A", "company.size.min": 1, "tags": ["a"], "deals": '[{"x":1}]', "none": None,
    }  # fmt: skip
    assert [row.where for row in rejected(pages)] == ["leads.jsonl:2", "leads.jsonl:4", "leads.jsonl:5"]
    assert rejected(pages)[1].reason == "not a JSON object"


# reading on -----------------------------------------------------------------------------------


def test_an_unchanged_file_is_not_opened(source: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "leads.csv", "id\n1\n")
    cursor = read(source())[-1].cursor
    monkeypatch.setattr(Path, "open", lambda *_args, **_named: pytest.fail("opened"))
    assert read(source(), cursor) == []


def test_a_file_that_grew_is_read_on(source: Make, tmp_path: Path) -> None:
    path = put(tmp_path, "leads.csv", 'id,note\n1,"a\nb"\n')
    cursor = read(source())[-1].cursor
    with path.open("a") as file:
        file.write("2,c\n3\n")
    pages = read(source(), cursor)
    assert [(record.id, record.where) for record in records(pages)] == [("2", "leads.csv:4")]
    assert rejected(pages)[0].where == "leads.csv:5"


def test_a_file_that_grew_and_changed_before_is_read_from_its_start(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,city\n" + "".join(f"{n},Bonn\n" for n in range(500)))
    cursor = read(source())[-1].cursor
    put(tmp_path, "leads.csv", "id,city\n" + "".join(f"{n},{'Köln' if n == 250 else 'Bonn'}\n" for n in range(501)))
    assert len(records(read(source(), cursor))) == 501


def test_a_last_line_without_its_end_is_read_again_when_it_has_grown(source: Make, tmp_path: Path) -> None:
    path = put(tmp_path, "leads.csv", "id,city\n1,Bonn\n2,Kö")
    pages = read(source())
    assert [record.values["city"] for record in records(pages)] == ["Bonn", "Kö"]
    cursor = pages[-1].cursor
    assert read(source(), cursor) == []
    with path.open("ab") as file:
        file.write(b"ln\n3,Ulm\n")
    assert [record.values["city"] for record in records(read(source(), cursor))] == ["Köln", "Ulm"]


def test_a_header_that_has_grown_is_read_again(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id,ci")
    cursor = read(source())[-1].cursor
    put(tmp_path, "leads.csv", "id,city\n1,Bonn\n")
    assert records(read(source(), cursor))[0].values == {"id": "1", "city": "Bonn"}


def test_a_touched_file_with_the_same_content_yields_nothing(source: Make, tmp_path: Path) -> None:
    path = put(tmp_path, "leads.csv", "id\n1\n")
    cursor = read(source())[-1].cursor
    os.utime(path, ns=(1, 1))
    assert read(source(), cursor) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932"])
def test_reading_goes_on_in_the_middle_of_a_file(encoding: str, source: Make, tmp_path: Path) -> None:
    text = "id,名\n" + "".join(f'{n},"山田\n太郎"\n' for n in range(2500))
    put(tmp_path, "leads.csv", text.encode(encoding))
    first = next(iter(source().pull("contacts", "")))
    rest = read(source(), first.cursor)
    assert [record.id for record in [*first.records, *records(rest)]] == [str(n) for n in range(2500)]
    assert records(rest)[0].where == "leads.csv:2002"
    assert not notes(rest)


def test_a_cursor_we_cannot_read_means_the_beginning(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id\n1\n")
    for cursor in ("nonsense", "[1]", '{"leads.csv": 3}', '{"leads.csv": [1]}'):
        assert len(records(read(source(), cursor))) == 1


def test_blank_lines_before_a_header_that_comes_later(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "\n\n")
    cursor = read(source())[-1].cursor
    put(tmp_path, "leads.csv", "\n\nid\n1\n")
    assert [record.where for record in records(read(source(), cursor))] == ["leads.csv:4"]


def test_several_files_are_read_on_each_for_itself(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "id\n1\n")
    put(tmp_path, "b.csv", "id\n2\n")
    cursor = read(source("*.csv"))[-1].cursor
    put(tmp_path, "b.csv", "id\n2\n3\n")
    put(tmp_path, "c.csv", "id\n4\n")
    assert [record.id for record in records(read(source("*.csv"), cursor))] == ["3", "4"]


def test_emptied_means_that_no_file_has_rows_any_more(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "id\n1\n")
    put(tmp_path, "b.csv", "id\n2\n")
    cursor = read(source("*.csv"))[-1].cursor
    put(tmp_path, "a.csv", "id\n")
    pages = read(source("*.csv"), cursor)
    assert not any(page.emptied for page in pages)
    put(tmp_path, "b.csv", "")
    assert [page.emptied for page in read(source("*.csv"), pages[-1].cursor)] == [True]


# times ----------------------------------------------------------------------------------------


def test_a_window_passes_over_what_lies_outside_and_rejects_what_has_no_time(source: Make, tmp_path: Path) -> None:
    rows = ["1,2026.02.28 23:30", "2,2026.03.01 00:30", "3,2026.03.31 23:30", "4,soon", "5,"]
    put(tmp_path, "leads.csv", "id,changed\n" + "\n".join(rows))
    dated = source(time_column="Changed", time_format="%Y.%m.%d %H:%M", time_zone="Europe/Berlin")
    window = Window(datetime(2026, 2, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    pages = list(dated.pull("contacts", "", window))
    assert [record.id for record in records(pages)] == ["2", "3"]
    assert records(pages)[0].modified_at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert [row.reason for row in rejected(pages)] == [
        "the column changed holds no time",
        "no time in the column changed",
    ]


def test_without_a_time_column_there_are_no_windows(source: Make, tmp_path: Path) -> None:
    put(tmp_path, "leads.csv", "id\n1\n")
    assert not source().capabilities.windows
    with pytest.raises(ConfigError, match="name the column that has the time"):
        next(source().pull("contacts", "", Window(NOW, NOW)))


@pytest.mark.parametrize(
    "wrong", [{"delimiter": ",,"}, {"encoding": "utf-9"}, {"time_zone": "Mars/Base"}, {"files": []}, {"fils": "x"}]
)
def test_settings_are_proved(wrong: dict[str, Any], source: Make) -> None:
    with pytest.raises(ValueError, match="validation error"):
        source(**wrong)
