"""Whether an adapter is whole: a line in the contract for each role, a mapping that holds, a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from connector.kit.contract.table import Platform
from connector.model.errors import Problems
from connector.platforms import adapter
from connector.steps.mapping.compiler import compile_mapping


def missing(name: str, platform: Platform | None, *, mapping: Path, page: Path) -> list[str]:
    """What the adapter of a type lacks, a sentence each. `platform`: its line in the contract, None for none."""
    return [*_of_the_contract(name, platform), *_of_the_mapping(name, mapping), *_of_the_page(name, page)]


def _of_the_contract(name: str, platform: Platform | None) -> Iterator[str]:
    declared, line = adapter(name), platform or Platform()
    for role, worlds in (("source", line.sources), ("crm", line.crms)):
        if bool(worlds) != (getattr(declared, role) is not None):
            yield f"{name}: no world for its role {role}" if not worlds else f"{name}: a world for {role}, and no role"


def _of_the_mapping(name: str, mapping: Path) -> Iterator[str]:
    if not mapping.is_file():
        yield f"{name}: no mapping {mapping.name}"
        return
    problems = Problems()
    try:
        document = tomllib.loads(mapping.read_text("utf-8"))
        compile_mapping(document, problems=problems, connection=name, zone="UTC", region="")
    except tomllib.TOMLDecodeError as error:
        yield f"{name}: {mapping.name}: {error}"
    yield from (f"{name}: {mapping.name}: {problem}" for problem in problems.found)


def _of_the_page(name: str, page: Path) -> Iterator[str]:
    if not page.is_file():
        yield f"{name}: no page {page.name}"
    elif not re.search(rf'^type += "{name}"$', page.read_text("utf-8"), re.MULTILINE):
        yield f'{name}: the page {page.name} does not show type = "{name}"'
