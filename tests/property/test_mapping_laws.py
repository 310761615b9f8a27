"""Laws of mappings: any record can be read, in any order of its columns; files laid over each other add up."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import mappings
from connector.model.errors import Problems, RecordError
from connector.model.fields import FIELDS
from connector.model.mapped import Unmatched
from connector.model.records import Record
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping, overlay

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
#: The first use of a library loads its tables; compiling a mapping takes some milliseconds.
FEW = settings(deadline=None, max_examples=40)
KINDS = {"integer": int, "decimal": float, "boolean": bool, "list": list}

DOCUMENT = tomllib.loads("""
[contact]
id = ["id", "email"]
modified_at = "changed"
[read]
"custom.day" = { from = "day", as = "date", format = ["%d.%m.%Y", "iso"] }
"custom.number" = { from = ["number", "city"], as = "integer", ranges = "low", decimal_mark = "," }
"custom.mail" = { from = "email", as = "email" }
source = { from = "source", table = { A = "a", "*" = "other" } }
medium = { from = "source", table = { A = "a" } }
links.crm = "crm"
[[activities]]
column = "asked"
kind = "demo_request"
[[activities]]
counter = "visits"
kind = "visit"
[[activities]]
event = "*a*"
kind = "page_view"
keep_answers = "*"
""")


def compiled(document: dict[str, Any]) -> CompiledMapping:
    problems = Problems()
    mapping = compile_mapping(document, connection="web", zone="Asia/Tokyo", region="JP", problems=problems)
    assert problems.found == []
    return mapping


WHOLE = compiled(overlay(tomllib.loads(mappings.shipped("memory") or ""), DOCUMENT))
COLUMNS = sorted({*WHOLE.source_names, "id", "changed", "person", "at", "event", "page", "answers", "seconds"})

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30)
LIKELY = st.sampled_from(
    [
        "",
        "-",
        "A",
        "1,000",
        "100-499",
        "2026-12-01",
        "2026-12-01T08:00:00Z",
        "01.12.2026",
        "a@b.de",
        "はい",
        "部長",
        "x" * 3000,
        "99999999999999999999",
        "+81 3 1234 5678",
        "ドイツ",
        "9999-12-31",
        "0001-01-01",
    ]
)
VALUES = LIKELY | SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
RECORDS = st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=15)


def read(mapping: CompiledMapping, values: dict[str, Any]) -> object:
    try:
        return mapping.contact(Record("7", values, "x:1"), NOW)
    except RecordError as error:
        return str(error)


@FEW
@given(values=RECORDS)
def test_any_record_is_read_or_refused(values: dict[str, Any]) -> None:
    contact = WHOLE.contact(Record("7", values, "x:1"), NOW)
    for name, value in contact.fields.items():
        kind = KINDS.get(FIELDS[name].kind, str) if name in FIELDS else (str, int)
        assert isinstance(value, kind), name
        assert name not in contact.blank
        assert value != ""
    assert not {name for name, _ in contact.aside} & contact.fields.keys()
    assert WHOLE.identify(Record("7", values)) == contact.external_id


@FEW
@given(values=RECORDS)
def test_any_event_is_read_or_refused(values: dict[str, Any]) -> None:
    try:
        found = WHOLE.activity(Record("", values, "x:1"), NOW)
    except RecordError:
        return
    if not isinstance(found, Unmatched):
        assert found.source_id
        assert found.person
        assert found.at.tzinfo is UTC
        assert found.seconds >= 0


@FEW
@given(values=RECORDS, data=st.data())
def test_the_order_of_columns_does_not_matter(values: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.permutations(list(values)))
    other = {name: values[name] for name in names}
    assert repr(read(WHOLE, values)) == repr(read(WHOLE, other))


@FEW
@given(records=st.lists(RECORDS, max_size=5))
def test_what_was_read_before_does_not_matter(records: list[dict[str, Any]]) -> None:
    for values in records:
        assert repr(read(WHOLE, values)) == repr(read(compiled(overlay(tomllib.loads(MEMORY), DOCUMENT)), values))


MEMORY = mappings.shipped("memory") or ""


@FEW
@given(values=st.dictionaries(st.sampled_from(COLUMNS), LIKELY, max_size=15))
def test_reading_what_was_read_gives_the_same(values: dict[str, Any]) -> None:
    """Canonical values are in their normal form: read again by their own names they stay."""
    mapping = compiled(tomllib.loads(MEMORY))
    first = mapping.contact(Record("7", values), NOW)
    again = mapping.contact(Record("7", dict(first.fields)), NOW)
    assert again.fields == first.fields
    assert again.flags == first.flags or set(again.flags) <= set(first.flags)
    assert again.aside == []


LINES = st.dictionaries(
    st.sampled_from(["city", "company.name", "region", "links.x"]), st.sampled_from(["a", "b", False])
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "read": LINES | LINES.map(lambda lines: nested(lines)),
        "tables": st.dictionaries(
            st.sampled_from("tu"), st.dictionaries(st.sampled_from("xy*"), st.sampled_from("ab"))
        ),
        "contact": st.dictionaries(st.sampled_from(["id", "modified_at"]), st.sampled_from("ab")),
        "write": st.dictionaries(
            st.sampled_from("LM"), st.dictionaries(st.sampled_from("fg"), st.just("email") | st.just(False))
        ),
        "activities": st.lists(
            st.sampled_from(["p", "q"]).map(lambda name: {"event": name, "kind": "visit"}), max_size=2
        ),
    },
)


def nested(lines: dict[str, Any]) -> dict[str, Any]:
    """The lines as TOML nests dotted names."""
    table: dict[str, Any] = {}
    for name, value in lines.items():
        group, _, last = name.rpartition(".")
        (table.setdefault(group, {}) if group else table)[last] = value
    return table


def meaning(document: dict[str, Any]) -> tuple[Any, ...]:
    """What a document says, however it is written."""
    mapping = compiled(document)
    written = {object: mapping.written(object) for object in mapping.write_objects}
    written = {object: tuple(sorted(names)) for object, names in written.items()}
    entries = [entry["event"] for entry in document.get("activities", [])]
    return dict(mapping.columns), written, entries, document.get("tables") or {}, document.get("contact") or {}


@FEW
@given(document=DOCUMENTS)
def test_nothing_laid_over_a_document_leaves_it(document: dict[str, Any]) -> None:
    assert meaning(overlay(document, {})) == meaning(document)


@FEW
@given(document=DOCUMENTS)
def test_a_document_laid_over_nothing_is_itself(document: dict[str, Any]) -> None:
    assert meaning(overlay({}, document)) == meaning(document)


@FEW
@given(one=DOCUMENTS, two=DOCUMENTS, three=DOCUMENTS)
def test_it_does_not_matter_which_two_are_laid_over_each_other_first(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    # A removal is spent on the document below it, and so cannot wait in between.
    one, two, three = (without_removals(document) for document in (one, two, three))
    left = overlay(overlay(one, two), three)
    right = overlay(one, overlay(two, three))
    assert meaning(left) == meaning(right)


def without_removals(part: Any) -> Any:
    """A document without the lines that remove, wherever they stand."""
    if not isinstance(part, dict):
        return part
    return {name: without_removals(said) for name, said in part.items() if said is not False}


@FEW
@given(shipped=DOCUMENTS, own=DOCUMENTS)
def test_own_lines_win_and_the_rest_stays(shipped: dict[str, Any], own: dict[str, Any]) -> None:
    both = compiled(overlay(shipped, own)).columns
    mine, theirs = dict(lines_of(own)), dict(lines_of(shipped))
    for name in {*mine, *theirs}:
        said = mine.get(name, theirs.get(name))
        assert both.get(name, False) == ((said,) if said else False)


def lines_of(document: dict[str, Any]) -> list[tuple[str, Any]]:
    from connector.steps.mapping.document import read_lines

    return [(name, said) for name, _, said in read_lines(document.get("read", {}))]
