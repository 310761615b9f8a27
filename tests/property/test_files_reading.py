"""However a file is cut into pages and grows, its rows are read once each, as they are."""

import csv
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters._files import source as module
from adapters._files.settings import FilesSettings
from adapters._files.source import FilesSource
from connector.model.adapter import Context
from connector.model.records import Page

CELL = st.text(alphabet=st.sampled_from(list('ab ,;"\n\r\u2028山ü')), max_size=8)
ROWS = st.lists(st.tuples(CELL, CELL), max_size=30)


def as_csv(rows: list[tuple[str, ...]], end: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


def opened(folder: str) -> FilesSource:
    context = Context("exports", Path(folder), lambda: datetime(2026, 11, 20, tzinfo=UTC), lambda _name: "")
    return FilesSource(FilesSettings.model_validate({"contacts": "leads.csv"}), context)


def found(pages: list[Page]) -> list[tuple[str, str, str]]:
    assert not [row for page in pages for row in page.rejected]
    return [(one.id, one.values["a"], one.values["b"]) for page in pages for one in page.records]


@given(ROWS, ROWS, st.sampled_from(["\n", "\r\n"]), st.integers(1, 5), st.data())
def test_every_row_once(
    rows: list[tuple[str, str]], more: list[tuple[str, str]], end: str, page: int, data: st.DataObject
) -> None:
    numbered = [(str(n), *row) for n, row in enumerate([*rows, *more])]
    first = as_csv([("id", "a", "b"), *numbered[: len(rows)]], end)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "leads.csv")
        path.write_bytes(first)
        kept, module.PAGE = module.PAGE, page
        try:
            pages = list(opened(folder).pull("contacts", ""))
            stop = data.draw(st.integers(1, len(pages)))
            path.write_bytes(first + as_csv(list(numbered[len(rows) :]), end))
            rest = list(opened(folder).pull("contacts", pages[stop - 1].cursor))
        finally:
            module.PAGE = kept
    assert found(pages[:stop]) + found(rest) == numbered
