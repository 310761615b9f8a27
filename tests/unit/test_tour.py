"""docs/tour.md shows the configurations that the tour is made with, and they load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.config import load

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "tests" / "data" / "tour"
PAGE = (ROOT / "docs" / "tour.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["courses", "sellers"])
def test_the_configurations_of_the_tour_load(name: str) -> None:
    assert list(load(TOUR / name / "config.toml").flows) == [name]


def test_every_excerpt_on_the_page_stands_so_in_a_file() -> None:
    files = [file.read_text("utf-8") for file in TOUR.rglob("*.toml")]
    excerpts = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(excerpts) == 3
    assert [text for text in excerpts if not any(text in file for file in files)] == []
