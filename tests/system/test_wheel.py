"""The wheel, as a stranger gets it: built from the source, installed into an environment of its own, run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("adapters", "connector", "mappings", "state")
#: The status of some pages of the desk of a configuration, and of what they load.
PAGES = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
from connector.app import open_app
from connector.config import load
from connector.model.logins import ROLES, User
from connector.web.site import site
app = open_app(load(Path(sys.argv[1])))
browser = TestClient(site(lambda: app, lambda _: User("anna@firm.example", "Anna", ROLES)), base_url="http://127.0.0.1")
for path in ("/", "/dashboard", "/static/baton.css", "/static/baton.svg"):
    print(browser.get(path).status_code)
app.close()
"""


def run(*command: str | Path, cwd: Path) -> str:
    """What `command` prints; it must succeed, and sees none of this process's Python settings."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=settings | {"HOME": str(cwd), "UV_OFFLINE": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment; what Baton needs is borrowed from this one."""
    home = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    python = home / "bin" / "python"
    run(sys.executable, "-m", "uv", "pip", "install", "--no-deps", "--python", python, wheel, cwd=home)
    (site,) = home.glob("lib/python*/site-packages")
    # A line in a .pth adds the folder without reading the .pth files in it: our own editable install stays away.
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return home / "bin"


def test_the_wheel_holds_the_four_packages_whole_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == source
    assert {name.partition("/")[0] for name in held} == set(PACKAGES)


@pytest.mark.parametrize(
    "name",
    [
        "connector/locale/ja/LC_MESSAGES/baton.mo",
        "mappings/files.toml",
        "state/migrations/env.py",
        "connector/py.typed",
    ],
)
def test_data_files_are_in_the_wheel(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_licence_travels_with_the_wheel(wheel: Path) -> None:
    assert any(name.endswith("/licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_an_installed_baton_is_not_the_source_tree(installed: Path, tmp_path: Path) -> None:
    code = "import connector, adapters, mappings, state; print(connector.__file__, state.__file__)"
    places = run(installed / "python", "-c", code, cwd=tmp_path).split()
    assert all(Path(place).is_relative_to(installed.parent) for place in places)


def test_an_installed_baton_speaks_japanese(installed: Path, tmp_path: Path) -> None:
    code = "from connector.locale import translator; print(translator('ja')('did you mean %(word)s?'))"
    assert run(installed / "python", "-X", "utf8", "-c", code, cwd=tmp_path).strip() == "%(word)s のことですか?"


def test_an_installed_baton_shows_its_commands(installed: Path, tmp_path: Path) -> None:
    assert "demo" in run(installed / "baton", "--help", cwd=tmp_path)


def test_an_installed_baton_hands_over_leads(installed: Path, tmp_path: Path) -> None:
    """The whole job on sample data: it ends with exit code 0, and names whom a lead was handed to."""
    assert "@haulmere.example" in run(installed / "baton", "demo", "--people", "100", "--no-quarter", cwd=tmp_path)
    pages = run(installed / "python", "-c", PAGES, "demo/config.toml", cwd=tmp_path).split()
    assert pages == ["200", "200", "200", "200"]
