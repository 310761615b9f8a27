"""Tryton in an environment of its own, made once and kept: `python -m tests.servers.tryton.install`.

It lies under `$XDG_CACHE_HOME/baton-tests` (`~/.cache/baton-tests`), in a folder named after all that it is made of.
Whoever comes while another makes it waits for that one. A folder that was left half made is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
#: What the contents of a database come from.
MAKERS = ("furnish.py", "template.py")
_DONE = ".done"


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the programs are, and the folder of a furnished database on SQLite, to be copied."""

    programs: Path
    template: Path


def cache() -> Path:
    """The folder of what tests keep between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baton-tests"


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def run(*command: str | Path, log: Path, **environment: str) -> None:
    """Run a program; where it fails, say what it said."""
    with log.open("wb") as said:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=os.environ | environment
        )
    if done.returncode:
        last = log.read_text("utf-8", errors="replace").splitlines()[-15:]
        raise RuntimeError("\n".join([f"{Path(command[0]).name} ended with {done.returncode}:", *last]))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time is here; the lock ends with its process, however that ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, filled by `make` unless it is there. Whoever comes meanwhile waits; what was left half made goes."""
    if (folder / _DONE).exists():
        return folder
    with _alone(folder):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / _DONE).touch()
    return folder


def _environment(folder: Path) -> None:
    log = folder / "install.log"
    run(sys.executable, "-m", "venv", folder, log=log)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")
    run(folder / "bin" / "python", "-m", "pip", "install", *quiet, "--requirement", LOCK, log=log)


def installed() -> Installed:
    """Tryton and its furnished database, made if need be: up to two minutes, once.

    RuntimeError: a program failed; it says what.
    """
    from tests.servers.tryton.template import furnished

    base = f"{sys.base_prefix} {sys.version_info[:2]} {platform.machine()}".encode()
    key = _digest(LOCK.read_bytes(), base)
    programs = made_once(cache() / f"tryton-{key}", _environment) / "bin"
    makers = [(HERE / name).read_bytes() for name in MAKERS]
    place = cache() / f"tryton-{key}-{_digest(*makers)}"
    return Installed(programs, made_once(place, lambda folder: furnished(programs, folder)))


if __name__ == "__main__":
    installed()
