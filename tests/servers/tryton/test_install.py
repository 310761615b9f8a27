"""What is kept between runs of the tests is made once, and whole."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers.tryton.install import made_once, run


def test_of_several_who_come_at_once_one_makes_it_and_the_others_wait(tmp_path: Path) -> None:
    makers: list[int] = []
    everybody = threading.Barrier(4, timeout=20)

    def make(folder: Path) -> None:
        makers.append(threading.get_ident())
        (folder / "whole").touch()

    def come() -> bool:
        everybody.wait()
        return (made_once(tmp_path / "kept", make) / "whole").exists()

    with ThreadPoolExecutor(4) as pool:
        assert [one.result() for one in [pool.submit(come) for _ in range(4)]] == [True] * 4
    assert len(makers) == 1


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError, match="no network"):
        made_once(tmp_path / "kept", fail)
    folder = made_once(tmp_path / "kept", lambda folder: (folder / "whole").touch())
    assert {one.name for one in folder.iterdir()} == {".done", "whole"}


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import os, sys; sys.exit('no ' + os.environ['WHAT'])")
    with pytest.raises(RuntimeError, match="ended with 1:\nno network"):
        run(*command, log=tmp_path / "said.log", WHAT="network")
