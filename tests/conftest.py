"""For every test: catalogues as the source has them, and at the very end a line about what was left out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from hatch_build import compile_catalogues

CATALOGUES = Path(__file__).parents[1] / "connector" / "locale"
#: Seconds that a test may take; on a machine that has nothing yet, the first one waits until the server is installed.
UNTIL_MADE = 900
_left_out: Counter[str] = Counter()

# A slow moment of the machine is no fault, and CI tries the same examples each time: what chance
# finds, it finds on a developer's machine.
settings.register_profile("steady", deadline=None, derandomize="CI" in os.environ, max_examples=50)
# For whoever has changed a pure step: pytest --hypothesis-profile=thorough tests/property
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Messages are compiled when the project is built; a test must see those of the source."""
    for source in CATALOGUES.glob("*/LC_MESSAGES/baton.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compile_catalogues(CATALOGUES)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real server come last of all: until then it is made, in a process of its own (`make test`)."""
    for item in items:
        if "tryton" in item.nodeid:
            item.add_marker(pytest.mark.timeout(UNTIL_MADE))
    items.sort(key=lambda item: "tryton" in item.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count skipped tests by their reason."""
    if report.skipped and isinstance(report.longrepr, tuple):
        _left_out[report.longrepr[2].removeprefix("Skipped: ")] += 1


def pytest_unconfigure() -> None:
    """The last line names what was left out, after pytest's own closing line."""
    if _left_out:
        reasons = "; ".join(f"{count} because of: {reason}" for reason, count in sorted(_left_out.items()))
        sys.stdout.write(f"left out: {reasons}\n")
