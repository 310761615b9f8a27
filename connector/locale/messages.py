"""The messages in the source, and what the catalogues lack. For those who write Baton, needs Babel.

Beside `_` and `_n` the calls are read that carry a message to a reader later: `Problem(path, "...")`,
`problems.add(path, "...")` and `problems.unknown(path, name, known, "noun")`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PACKAGES = ("connector", "adapters", "state")

#: Which argument of a call is the message, counted from 0; two for singular and plural.
CALLS = {
    "_": (0,),
    "translate": (0,),
    "N_": (0,),
    "say": (0,),
    "_n": (0, 1),
    "add": (1,),
    "Problem": (1,),
    "ConfigError": (0,),
}
#: Most files carry no message, and parsing them all would take seconds.
_CALLED = re.compile(rf"\b(?:{'|'.join((*CALLS, 'unknown'))})\s*\(")
Message = str | tuple[str, str]


def _text(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _noun(call: ast.Call) -> str | None:
    """What `problems.unknown` says is unknown."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "noun"]
    given = call.args[3:4] or named
    return _text(given[0]) if given else "key"


def message_of(call: ast.Call) -> Message | None:
    """The message that a call carries; None where it carries none, or none that stands there in full."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "unknown":
        noun = _noun(call)
        return f"unknown {noun} %(name)s" if noun and len(call.args) > 1 else None
    places = CALLS.get(name, ())
    words = [_text(call.args[place]) for place in places if place < len(call.args)]
    found = [word for word in words if word]
    if not found or len(found) < len(places):
        return None
    return found[0] if len(found) == 1 else (found[0], found[1])


def found_in(path: Path) -> Iterator[Message]:
    """The messages of one source file, in order."""
    text = path.read_text("utf-8")
    if not _CALLED.search(text):
        return
    # Python's own parser: Babel's reader of tokens misses a call within a call or an f-string.
    tree = ast.parse(text, str(path))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        message = message_of(call)
        if message:
            yield message


def found_in_page(path: Path) -> Iterator[Message]:
    """The messages of one template of a page: `_("...")` and `_n("...", "...", n)`."""
    from jinja2.ext import babel_extract

    with path.open("rb") as text:
        found = babel_extract(text, ("_", "_n"), (), {"trim_blocks": "true", "lstrip_blocks": "true"})
        for _line, name, words, _comments in found:
            said = [word for word in ([words] if isinstance(words, str) else words or ()) if isinstance(word, str)]
            if said:
                yield (said[0], said[1]) if name == "_n" and len(said) > 1 else said[0]


def extract(root: Path = ROOT) -> Catalog:
    """Every message in the source, with the files it stands in."""
    catalogue = Catalog()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if path == Path(__file__):
                continue
            for message in found_in(path):
                # Without lines: a catalogue would change with each line added above a message.
                catalogue.add(message, locations=[(path.relative_to(root).as_posix(), 0)])
        for path in sorted((root / package).rglob("templates/*.html")):
            for message in found_in_page(path):
                catalogue.add(message, locations=[(path.relative_to(root).as_posix(), 0)])
    return catalogue


def catalogue_path(language: str) -> Path:
    """Where the translations of `language` stand."""
    return FOLDER / language / "LC_MESSAGES" / "baton.po"


def read(language: str) -> Catalog:
    """The translations of `language` as they are; an empty catalogue where there is no file yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as text:
        return read_po(text, locale=language)


def missing(language: str, messages: Catalog | None = None) -> list[str]:
    """Messages in the source that `language` lacks; a fuzzy translation counts as lacking."""
    translated = read(language)
    lacking = []
    for message in messages or extract():
        known = translated.get(message.id)
        words = known.string if known and not known.fuzzy else ""
        if message.id and not (all(words) if isinstance(words, tuple | list) else words):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return sorted(lacking)


def update(language: str, messages: Catalog | None = None) -> None:
    """Bring the catalogue of `language` up to date: new messages come in, unused ones go."""
    catalogue = read(language)
    catalogue.update(messages or extract(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# What Baton says to people ({language})."
    catalogue.project, catalogue.version = "baton-connector", "0"
    catalogue.last_translator = catalogue.language_team = "The Baton maintainers"
    catalogue.msgid_bugs_address = ""
    # A date in the file would make every run a change.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as text:
        write_po(text, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
