"""A platform that is added with the kit, installed as `pip install` would: from a wheel, into a folder on the path."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from connector.kit.package import package


class Made:
    """The package of the platform Toy. `source` is where it is written, `site` where it is installed."""

    def __init__(self, folder: Path) -> None:
        self.source, self.site = folder / "baton-toy", folder / "site"
        for place, text in package("toy").items():
            (self.source / place).parent.mkdir(parents=True, exist_ok=True)
            (self.source / place).write_text(text, "utf-8")

    def install(self) -> None:
        """Build the wheel, and unpack it."""
        here = Path.cwd()
        os.chdir(self.source)
        try:
            wheel = self.source / "dist" / build_wheel("dist")
        finally:
            os.chdir(here)
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(self.site)

    def change(self, place: str, old: str, new: str) -> None:
        """A text of the package, edited."""
        text = (self.source / place).read_text("utf-8")
        assert old in text
        (self.source / place).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


@pytest.fixture
def toy(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Installed, with its tests' modules at hand."""
    made.install()
    monkeypatch.syspath_prepend(made.site)
    monkeypatch.syspath_prepend(made.source / "tests")
    yield made
    for name in [name for name in sys.modules if name.startswith(("baton_toy", "toy_world"))]:
        del sys.modules[name]
