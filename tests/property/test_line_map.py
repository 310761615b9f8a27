"""Every path that tomllib reads has a line, and that line holds the path's last key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from connector.config.lines import line_map, line_of
from connector.model.errors import Path

_BARE = st.text("abcdefgXYZ0123456789_-", min_size=1, max_size=6)
_ODD = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"], blacklist_characters="\"'\\\x85"), max_size=5
)
_NAMES = st.one_of(_BARE, _BARE, _ODD)
_NOISE = st.sampled_from(["", " # a [comment] = {", "  ", "\t"])
_STRINGS = st.sampled_from(
    [
        '"plain"',
        "'li[te]ral'",
        '"esc \\" ] }"',
        '"""two\nlines = 1 " \\""" x"""',
        "'''a\n[b]\n''c'''",
        '""',
        '""""quoted""""',
    ]
)
_SCALARS = st.one_of(
    st.integers(-5, 10**9).map(str),
    st.sampled_from(
        ["true", "1.5e3", "2026-12-07", "1979-05-27 07:32:00Z", "07:32:00", "inf", "0x_f".replace("_", "")]
    ),
    _STRINGS,
)


def _quoted(name: str) -> st.SearchStrategy[str]:
    bare = bool(name) and name.isascii() and all(char.isalnum() or char in "_-" for char in name)
    forms = [json.dumps(name, ensure_ascii=False), f"'{name}'"] + ([name, name] if bare else [])
    return st.sampled_from(forms)


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


@st.composite
def _values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["scalar", "scalar", "array", "inline"])) if depth else "scalar"
    if kind == "scalar":
        return str(draw(_SCALARS))
    if kind == "array":
        items = draw(st.lists(_values(depth - 1), max_size=3))
        gap = draw(st.sampled_from([" ", "\n  ", " # why\n"]))
        last_comma: bool = draw(st.booleans())
        return "[" + gap + f",{gap}".join(items) + ("," if items and last_comma else "") + gap + "]"
    pairs = [f"{draw(_quoted(name))} = {draw(_values(depth - 1))}" for name in _names(draw)]
    return "{" + ", ".join(pairs) + "}"


def _names(draw: st.DrawFn) -> list[str]:
    return _unique(draw(st.lists(_NAMES, max_size=3)))


def _dotted(draw: st.DrawFn, name: str) -> str:
    """A key for `name`, now and then below a table that only this key names."""
    key = str(draw(_quoted(name)))
    return f"under-{draw(st.integers(0, 99))} . {key}" if draw(st.integers(0, 3)) == 0 else key


@st.composite
def _documents(draw: st.DrawFn) -> str:
    lines = []
    for header in ["", *_unique(draw(st.lists(_NAMES, max_size=4)))]:
        key = draw(_quoted(header)) if header else ""
        for shape in draw(
            st.sampled_from([["[{}]"], ["[[{}]]"] * 2, ["[ {} . sub ]"], ["[[{}]]", "[{}.sub]", "[[{}]]"]])
        ):
            if header:
                lines.append(shape.format(key) + draw(_NOISE))
            lines.extend(f"{_dotted(draw, name)} = {draw(_values())}{draw(_NOISE)}" for name in _names(draw))
            if not header:
                break
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for step, inner in items:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


@given(_documents())
def test_every_path_has_a_line_that_holds_its_last_key(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    lines = line_map(text)
    rows = text.split("\n")
    assert set(_paths(document)) == set(lines)
    for path, line in lines.items():
        last = path[-1]
        if isinstance(last, str):
            assert last in rows[line - 1], path


def test_lines_of_headers_arrays_inline_tables_and_values_over_many_lines() -> None:
    text = 'a = 1\n[b."c d"]\ne.f = """\nx = 1\n"""\n[[g]]\nh = [\n  1, # one\n  { i = 2 },\n]\n'
    text += '[[g]]\n[g.j]\n"\\u00e4" = 2\n'
    lines = line_map(text)
    assert lines[("a",)] == 1
    assert lines[("b",)] == lines[("b", "c d")] == 2
    assert lines[("b", "c d", "e", "f")] == 3
    assert lines[("g",)] == lines[("g", 0)] == 6
    assert lines[("g", 0, "h", 1, "i")] == 9
    assert lines[("g", 1)] == 11
    assert lines[("g", 1, "j")] == 12
    assert lines[("g", 1, "j", "ä")] == 13


def test_what_does_not_stand_in_the_text_has_the_line_around_it() -> None:
    lines = line_map("x = 1\n[teams.west]\nmanager = 2\n")
    assert line_of(lines, ("teams", "west", "hours", 0)) == 2
    assert line_of(lines, ("nowhere",)) == 0
