"""What the repository promises about itself: locks that agree, arrows that name every room, commands that exist."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]


def exported(*groups: str) -> str:
    """What the lock says, as pip reads it."""
    fixed = ("--quiet", "--frozen", "--offline", "--no-emit-project", "--no-annotate", "--no-header")
    command = [sys.executable, "-m", "uv", "export", *fixed, *groups]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("requirements.txt", ("--no-dev", "--group", "build")),
        ("requirements-dev.txt", ("--all-extras", "--group", "dev")),
    ],
)
def test_the_files_for_pip_are_what_the_lock_says(file: str, groups: tuple[str, ...]) -> None:
    assert (ROOT / file).read_text("utf-8") == exported(*groups), "mend it with: make lock"


def test_the_lock_fits_the_project() -> None:
    command = [sys.executable, "-m", "uv", "lock", "--check", "--offline", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, "mend it with: make lock\n" + done.stderr


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_has_hashes_and_none_names_a_host(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert not re.search(r"https?://|--index|--extra|--find", text)
    assert all("--hash=sha256:" in requirement for requirement in re.split(r"\n(?=\S)", text.strip()))


def layers(contract: dict[str, Any]) -> set[str]:
    prefix = "connector." if "containers" in contract else ""
    words = re.split(r"[|:]", "|".join(contract["layers"]))
    return {prefix + word.strip().strip("()") for word in words}


def test_the_arrows_name_every_room() -> None:
    every, *others = [layers(contract) for contract in CONTRACTS if contract["type"] == "layers"]
    rooms = every | {"adapters", "state", "mappings"}
    assert [rooms - named for named in others] == [set() for _ in others]


def test_the_steps_are_kept_from_the_outside() -> None:
    kept = next(contract for contract in CONTRACTS if "No I/O" in contract["name"])
    assert set(kept["source_modules"]) == {"connector.model", "connector.steps"}
    assert {"requests", "sqlalchemy", "keyring", "time", "random", "uuid", "os"} <= set(kept["forbidden_modules"])


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_commands_of_the_readme_are_those_of_the_makefile(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / readme).read_text("utf-8")))
    assert {"demo", "test"} <= named
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", script], capture_output=True).returncode == 0
    assert "set -euo pipefail" in script.read_text("utf-8")
    assert "\nmake test" in script.read_text("utf-8")


def test_an_old_python_is_refused_in_one_clear_line(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    command = ["make", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}", "demo"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=settings)
    assert done.returncode != 0
    assert done.stderr.startswith(f'Baton needs Python 3.11 or newer, "{old}" is not; try: make PYTHON=')
    assert not (tmp_path / "venv").exists()


def test_the_state_package_is_not_hidden_from_the_wheel() -> None:
    lines = (ROOT / ".gitignore").read_text("utf-8").split()
    assert not any(line.strip("/") in ("state", "state/*", "connector", "mappings", "adapters") for line in lines)
