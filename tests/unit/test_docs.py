"""The pages hold: every TOML block loads, every table says what happens, every link and command is there."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest

from connector import config
from connector.cli.lazy import LazyGroup
from connector.cli.root import baton
from connector.config.content_settings import Contents
from connector.config.flow_settings import FlowSettings
from connector.config.settings import Settings
from connector.model.errors import Problems
from connector.model.records import Record
from connector.model.roster import Member
from connector.steps.conditions.compiler import VOCABULARY, compile_condition
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping
from connector.steps.routing import turns
from connector.steps.scoring.fading import fading_ages

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
#: Its excerpts stand in files of their own, which have tests of their own.
ELSEWHERE = {"docs/tour.md", "docs/admin/golden-leads.md"}
MAPPING = {"contact", "read", "event", "activities", "write", "tables", "kinds", "unknown", "consent"}
NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)

#: What the blocks on the pages are laid over.
BASE = """
timezone = "Europe/Berlin"
region = "DE"
connections.exports = { type = "files", contacts = "contacts.csv" }
connections.desk = { type = "desk" }
teams.sales.members = [{ email = "lena@northwind.example" }]
"""
FLOW = {"sources": ["exports"], "crm": "desk", "routing": {"order": [{"to": "sales"}]}}


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks() -> Iterator[tuple[str, str]]:
    """(page and line, text) of every TOML block."""
    for name in NAMES:
        text = text_of(name)
        for found in re.finditer(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            if name not in ELSEWHERE:
                yield f"{name}:{text.count(chr(10), 0, found.start()) + 2}", found[1]


BLOCKS = dict(blocks())


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged, everything else is replaced; neither is changed."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def toml(value: Any) -> str:
    """A value as TOML; tables stand in line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value) if hasattr(value, "isoformat") else json.dumps(value)


def written(folder: Path, table: Mapping[str, Any]) -> Path:
    """A whole configuration in `folder`, with the files that it names."""
    whole = laid_over(tomllib.loads(BASE), table)
    named = {**dict.fromkeys(whole.get("flow_order", ())), **(whole.get("flows") or {"b2b": {}})}
    whole["flows"] = {name: laid_over(FLOW, flow or {}) for name, flow in named.items()}
    for file in ("mappings/exports.toml", "lists/competitors.txt", "briefs/b2b.txt"):
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text("", "utf-8")
    (folder / "config.toml").write_text("".join(f"{key} = {toml(value)}\n" for key, value in whole.items()), "utf-8")
    return folder / "config.toml"


@pytest.mark.parametrize("place", BLOCKS)
def test_every_toml_block_loads(tmp_path: Path, place: str) -> None:
    text = BLOCKS[place]
    table = tomllib.loads(text)
    flow = re.match(r"# flows/(\w+)\.toml\n", text)
    if flow:
        assert set(table) <= set(FlowSettings.model_fields)
        table = {"flows": {flow[1]: table}}
    if set(table) <= MAPPING:
        path = written(tmp_path, {"connections": {"exports": {"mapping": "mappings/exports.toml"}}})
        (tmp_path / "mappings" / "exports.toml").write_text(text, "utf-8")
        config.load(path)
    elif set(table) == set(Contents.model_fields):
        path = written(tmp_path, {})
        (tmp_path / "content.toml").write_text(text, "utf-8")
        assert config.load(path).library.items
    else:
        assert set(table) <= set(Settings.model_fields), "neither a configuration nor a mapping"
        config.load(written(tmp_path, table))


# links, commands


def anchors(text: str) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(name)):
        file, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (ROOT / name).parent / file if file else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_the_tests_that_a_page_names_are_there() -> None:
    named = sorted(set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", text_of("docs/reliability.md"))))
    missing = [f"{file}::{test}" for file, test in named if f"def {test or 'test_'}" not in source_of(file)]
    assert len(named) > 50
    assert missing == []


def source_of(file: str) -> str:
    path = ROOT / "tests" / file
    return path.read_text("utf-8") if path.exists() else ""


def test_decisions_are_numbered_without_a_gap_and_short() -> None:
    notes = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [note.name[:3] for note in notes] == [f"{number:03}" for number in range(1, len(notes) + 1)]
    assert [note.name for note in notes if not note.read_text("utf-8").startswith(f"# {note.name[:3]} ")] == []
    assert [note.name for note in notes if len(note.read_text("utf-8").splitlines()) > 14] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = text_of("docs/README.md")
    pages = [
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "admin").glob("*.md"),
        *(ROOT / "docs" / "platforms").glob("*.md"),
    ]
    links = {page: page.relative_to(ROOT / "docs").as_posix() for page in pages if page.name != "README.md"}
    assert [link for link in links.values() if f"({link})" not in index] == []


def code(text: str) -> Iterator[str]:
    """The code on a page: in line, in indented blocks, in fenced ones."""
    for fence in re.findall(r"^```.*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from fence.splitlines()
    plain = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"^ {4}(.*)$", plain, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", plain)


def unknown_words(call: str) -> list[str]:
    """The words of a call that name no command and no option."""
    command: click.Command = baton
    options: set[str] = set()
    wrong = []
    for word in call.split():
        context = click.Context(command)
        options |= {option for parameter in command.get_params(context) for option in parameter.opts}
        if word.startswith("-"):
            wrong += [word] if word.partition("=")[0] not in options else []
        elif isinstance(command, LazyGroup) and re.fullmatch("[a-z]+", word):
            following = command.get_command(context, word)
            if following is None:
                return [*wrong, word]
            command = following
        else:
            break
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_there(name: str) -> None:
    calls = [
        found[1]
        for line in code(text_of(name))
        for found in re.finditer(r"(?<![=\w.-])baton ([a-z-][^#|;)(\"]*)", line)
    ]
    assert {call: wrong for call in calls if (wrong := unknown_words(call))} == {}


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert unknown_words("erors retry") == ["erors"]
    assert unknown_words("errors rety") == ["rety"]
    assert unknown_words("sync --stict") == ["--stict"]
    assert unknown_words("backfill --since 2026-11-18 --until 2026-11-21 --dry-run") == []


# the tables of docs/admin


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.strip().split("|")[1:-1]]


def rows(name: str, heading: str) -> list[list[str]]:
    """The lines of every table of a page whose first heading is `heading`."""
    bodies = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*(?:\n|$))+)", text_of(name), re.MULTILINE)
    return [cells(line) for body in bodies for line in body.splitlines()]


def bare(cell: str) -> str:
    """The code of a cell that holds nothing else."""
    assert cell[0] == cell[-1] == "`", cell
    return cell.strip("`")


def mapping_of(text: str) -> CompiledMapping:
    problems = Problems()
    document = tomllib.loads(text)
    found = compile_mapping(document, connection="exports", zone="Europe/Berlin", region="DE", problems=problems)
    assert [problem.render() for problem in problems.found] == []
    return found


CONVERSIONS = [row for row in rows("docs/admin/mapping.md", "line") if row[0].find("X") > 0]
WRITTEN = [row for row in rows("docs/admin/mapping.md", "line") if row[0].startswith("`T = ")]


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize(("line", "given", "kept"), CONVERSIONS)
def test_every_conversion_gives_what_the_page_says(line: str, given: str, kept: str) -> None:
    contact = mapping_of(f"[read]\n{bare(line)}").contact(Record("1", {"X": bare(given)}), NOW)
    (name,) = tomllib.loads(bare(line))
    if kept == "blank":
        assert contact.blank == (name,)
    elif kept.startswith("set aside: "):
        ((field, reason),) = contact.aside
        assert (field, reason.endswith(kept.removeprefix("set aside: "))) == (name, True)
    else:
        value, _, flag = kept.partition(", flagged: ")
        assert (f"`{shown(contact.fields[name])}`", contact.flags.get(name, "")) == (value, flag)


@pytest.mark.parametrize(("line", "given", "sent"), WRITTEN)
def test_every_line_of_write_sends_what_the_page_says(line: str, given: str, sent: str) -> None:
    entry = tomllib.loads(bare(line))["T"]
    field = entry if isinstance(entry, str) else entry["from"]
    value: Any = "" if given == "blank" else bare(given)
    if value in ("true", "54", "120") or value.startswith("["):
        value = json.loads(value)
    values, unsent = mapping_of(f"[write]\n{bare(line)}").to_platform("lead", {field: value}, creating=True)
    if sent == "cleared":
        assert values == {"T": None}
    elif sent == "left as it is":
        assert (values, unsent) == ({}, [])
    elif sent.startswith("not sent: "):
        assert (values, unsent) == ({}, [("T", sent.removeprefix("not sent: "))])
    else:
        assert shown(values["T"]) == bare(sent)


def test_there_are_enough_conversions_for_a_page() -> None:
    assert len(CONVERSIONS) > 50
    assert len(WRITTEN) > 10


OPERATORS = rows("docs/admin/criteria.md", "subject")


@pytest.mark.parametrize("example", [row[2] for row in OPERATORS])
def test_every_example_of_a_condition_compiles(example: str) -> None:
    problems = Problems()
    table = tomllib.loads(f"it = {bare(example)}")["it"]
    named = {
        name: compile_condition({"has": "phone"}, path=(), problems=problems, named={}, lists=lambda _: frozenset())
        for name in ("ideal", "barred")
    }
    compile_condition(table, path=("it",), problems=problems, named=named, lists=lambda _: frozenset({"rival.example"}))
    assert [problem.render() for problem in problems.found] == []


def test_the_table_of_operators_names_every_word_of_conditions() -> None:
    said = set(re.findall(r"`(\w+)`", " ".join(row[0] + " " + row[1] for row in OPERATORS)))
    assert said == VOCABULARY


def test_points_fade_as_the_page_says() -> None:
    page = text_of("docs/admin/criteria.md")
    ages, points = (cells(line)[1:] for line in page.splitlines() if line.startswith(("| age from |", "| points | 10")))
    steps = fading_ages(10, timedelta(days=14), None)
    assert ages == ["0 d", *(f"{step / timedelta(days=1):.2f} d" for step in steps)]
    assert points == [str(number) for number in range(10, -1, -1)]


def test_turns_go_as_the_page_says() -> None:
    lena, tom = Member("lena@northwind.example", 2), Member("tom@northwind.example", 1)
    ring, told = turns.Ring(), rows("docs/admin/routing.md", "turn")
    for number, before, owner, *owed in told:
        places = turns.places(ring, [lena, tom], [lena, tom])
        email, ring = turns.take(ring, places)
        assert (bare(before), f"{owner.lower()}@northwind.example") == (turns.write(places), email), number
        assert [Fraction(part) for part in owed] == [ring.owed.get(one.email, 0) for one in (lena, tom)], number
    assert len(told) == 6
