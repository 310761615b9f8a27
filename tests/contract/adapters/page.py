"""The page that says which cases run on which platform, and what rules the others out.

    .venv/bin/python -m tests.contract.adapters.page

writes it anew; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connector.kit.contract.case import Case
from connector.kit.contract.table import CHAPTERS, Line
from tests.contract.adapters.platforms import PLATFORMS
from tests.contract.adapters.table import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "platforms" / "contract.md"
NAMES = {
    "memory": "memory", "files": "files", "desk": "desk", "clickup": "ClickUp", "hubspot": "HubSpot",
    "salesforce": "Salesforce", "tryton": "Tryton",
}  # fmt: skip
ROLES = {"source": "As a marketing source", "crm": "As a CRM"}
HEAD = """# The contract

What every platform does, as tests: one suite, `connector/kit/contract/`, for all of them and for
[yours](../writing-an-adapter.md). A platform declares what it can do (`SourceCapabilities` and `CrmCapabilities` in
`connector/model/adapter.py`); a case that its declarations rule out does not apply to it.

**✓** the case runs, and passes. **A declaration**: for that reason it does not apply (`setup = None`: there is nothing
to be made before the platform can be used). **✓, but for** a declaration: the platform is tested in several variants,
named below, and it does not apply to those that declare this.

ClickUp, HubSpot and Salesforce are local servers, called over a socket; how near they come to the real ones say
[ClickUp](clickup.md), [HubSpot](hubspot.md) and [Salesforce](salesforce.md). [Tryton](tryton.md) is a real server,
behind a proxy that breaks what passes where a case says so. This page is written by
`python -m tests.contract.adapters.page`; a test holds it against the suite.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for role, title in ROLES.items():
        names = [name for name in PLATFORMS if _variants(name, role)]
        parts.append(f"## {title}\n")
        parts += [_chapter(role, chapter, names) for chapter in CHAPTERS[role]]
        parts.append(_varied(role, names))
    return "\n".join(parts)


def _chapter(role: str, chapter: str, names: list[str]) -> str:
    cases = CHAPTERS[role][chapter].values()
    rows = [f"| {_sentence(case)} | {' | '.join(_cell(name, role, case) for name in names)} |" for case in cases]
    header = f"| {chapter} | {' | '.join(NAMES[name] for name in names)} |"
    return "\n".join([header, "|---" * (len(names) + 1) + "|", *rows, ""])


def _sentence(case: Case) -> str:
    return case.name.replace("_", " ")


def _cell(name: str, role: str, case: Case) -> str:
    lines = [line for line in _lines(name, role) if line.case.name == case.name]
    out = ", ".join(dict.fromkeys(f"`{line.ruled_out}`" for line in lines if line.ruled_out))
    runs = any(not line.ruled_out for line in lines)
    return "✓" if not out else f"✓, but for {out}" if runs else out


def _lines(name: str, role: str) -> Iterator[Line]:
    return (line for line in TABLE if (line.platform, line.role) == (name, role))


def _variants(name: str, role: str) -> list[str]:
    return list(dict.fromkeys(line.variant for line in _lines(name, role)))


def _varied(role: str, names: list[str]) -> str:
    several = [
        f"{NAMES[name]} ({'; '.join(_variants(name, role))})" for name in names if len(_variants(name, role)) > 1
    ]
    return f"Variants: {', '.join(several)}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
