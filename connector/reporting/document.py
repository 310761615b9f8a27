"""A document as blocks, written as Markdown or as a page: headings, paragraphs, lists, tables, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is the document's title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences; `quiet` ones say where a figure comes from."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a head and rows of as many cells. Columns in `numbers` (from 0) stand to the right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG of ours, with what it shows in words."""

    svg: str
    says: str


Block = Heading | Paragraph | Bullets | Table | Picture

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.55 system-ui, "Hiragino Sans", "Noto Sans JP", "Yu Gothic", Meiryo, sans-serif;
  color: #1c2430; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem;
  border-bottom: 2px solid #1d4f91; padding-bottom: .2rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .3rem 0; max-width: 46rem; } .quiet { color: #5b6675; font-size: .92em; } ul { padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; } th, td { text-align: left; vertical-align: top;
  padding: .3rem .9rem .3rem 0; border-bottom: 1px solid #e3e7ec; overflow-wrap: anywhere; }
th { font-weight: 600; color: #3a4657; } .number { text-align: right; white-space: nowrap; }
figure { margin: .5rem 0 1rem; } svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } h2, h3 { break-after: avoid; }
  table, figure { break-inside: avoid; } }
"""


def as_markdown(blocks: Sequence[Block]) -> str:
    """The document as Markdown (tables as GitHub writes them); of a picture what it says."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_plain(block.text)}"
        case Paragraph():
            return f"*{_plain(block.text)}*" if block.quiet else _plain(block.text)
        case Bullets():
            return "\n".join(f"- {_plain(one)}" for one in block.items)
        case Table():
            return "\n".join(_markdown_rows(block))
        case Picture():
            return _plain(block.says)


def _markdown_rows(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_cell, table.head))} |"
    yield f"| {' | '.join('---:' if place in table.numbers else '---' for place in range(len(table.head)))} |"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in table.rows)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", "<br>")


def _plain(text: str) -> str:
    """Text that Markdown would make a tag or markup of, as it stands."""
    for sign in ("\\", "*", "_", "`", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("<", "&lt;")


def as_page(blocks: Sequence[Block], language: str) -> str:
    """The document as one page to read, to print and to mail: no script, nothing from elsewhere, every text escaped."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    head = (
        f'<html lang="{escape(language)}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    )
    return "\n".join(("<!doctype html>", head, *map(_html, blocks), "</body></html>")) + "\n"


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            quiet = ' class="quiet"' if block.quiet else ""
            return f"<p{quiet}>{escape(block.text)}</p>"
        case Bullets():
            return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in block.items)}</ul>"
        case Table():
            return "".join(_html_table(block))
        case Picture():
            return f'<figure role="img" aria-label="{escape(block.says)}">{block.svg}</figure>'


def _html_table(table: Table) -> Iterator[str]:
    yield "<table><thead><tr>"
    yield from (f'<th scope="col"{_side(table, place)}>{escape(one)}</th>' for place, one in enumerate(table.head))
    yield "</tr></thead><tbody>"
    for row in table.rows:
        yield "<tr>"
        for place, one in enumerate(row):
            yield f"<td{_side(table, place)}>{escape(one).replace(chr(10), '<br>')}</td>"
        yield "</tr>"
    yield "</tbody></table>"


def _side(table: Table, place: int) -> str:
    return ' class="number"' if place in table.numbers else ""
