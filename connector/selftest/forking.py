"""One act in a child process that may be killed: how it ended, and what it handed back.

Only a process without threads may fork: a lock that another thread holds would stay taken in the child for ever.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from connector.selftest import sayings

#: Seconds after which a child hangs: no stretch of a line takes nearly as long.
LONGEST = 60.0
#: Seconds in which the threads of this process must have ended.
PATIENCE = 20.0
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. `at` names the boundary that it was killed at, `said` is what its act returned.

    `fault` tells why it ended by itself or was ended because its time was over; "" where it did neither.
    """

    at: str = ""
    said: Any = None
    fault: str = ""

    @property
    def killed(self) -> bool:
        """Whether it died at its boundary."""
        return bool(self.at)


class Killer:
    """A `step` that kills the process at boundary `number`, after it has told the parent which one that is."""

    def __init__(self, number: int, tell: Callable[[dict[str, Any]], None]) -> None:
        self.number, self.passed = number, 0
        self._tell, self._lock = tell, threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.passed += 1
            if self.passed == self.number:
                self._tell({"at": name})
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(LONGEST)


class Counter:
    """A `step` that lets everything pass, and keeps the names."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.names.append(name)


def killed_at(number: int, act: Callable[[Callable[[str], None]], object]) -> Ended:
    """Do `act(step)` in a child that is killed at boundary `number`."""
    return _forked(lambda tell: act(Killer(number, tell)) and None)


def in_child(act: Callable[[], Any]) -> Ended:
    """Do `act` in a child that nobody kills; it hands back what JSON can say."""
    return _forked(lambda _tell: act())


def _forked(act: Callable[[Callable[[dict[str, Any]], None]], Any]) -> Ended:
    _alone()
    hears, tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hears)
        _in_child(act, tells)
    os.close(tells)
    try:
        said, in_time = _heard(hears, time.monotonic() + LONGEST)
    finally:
        os.close(hears)
        # At the end of its time, or where the parent itself is stopped; a child that has ended is not reaped yet.
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return _ended(said, status, in_time=in_time)


def _alone() -> None:
    """Wait for threads that are about to end, as those of a server that was stopped; raise where one does not."""
    until = time.monotonic() + PATIENCE
    while threading.active_count() > 1:
        if time.monotonic() > until:
            raise RuntimeError("a process with threads cannot be forked safely")
        time.sleep(0.01)


def _ended(said: bytes, status: int, *, in_time: bool) -> Ended:
    if not in_time:
        return Ended(fault=sayings.TOO_LONG % {"seconds": f"{LONGEST:.0f}"})
    answer = json.loads(said) if said.endswith(b"}") else {}
    if "at" in answer and os.WIFSIGNALED(status):
        return Ended(at=answer["at"])
    imported(answer.get("modules", ()))
    if "said" in answer or "fault" in answer:
        return Ended(said=answer.get("said"), fault=answer.get("fault", ""))
    return Ended(fault=sayings.ENDED % {"status": status})


def imported(names: Sequence[str]) -> None:
    """What a child had to import first, the next ones have from their parent."""
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def _in_child(act: Callable[[Callable[[dict[str, Any]], None]], Any], tells: int) -> NoReturn:
    def tell(answer: dict[str, Any]) -> None:
        said = json.dumps(answer).encode()
        while said:
            said = said[os.write(tells, said) :]

    there = set(sys.modules)
    # It will not live long; looking through what it shares with its parent would copy all that.
    gc.disable()
    try:
        said = act(tell)
        tell({"said": said, "modules": sorted(set(sys.modules) - there)})
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is told
        tell({"fault": _short(error)})
    finally:
        os._exit(0)


def _short(error: BaseException) -> str:
    """The fault with its last places in the code."""
    places = [f"{frame.name} line {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:]]
    return sayings.FAILED % {"fault": f"{type(error).__name__}: {error} (in {', '.join(places)})"}


def _heard(hears: int, until: float) -> tuple[bytes, bool]:
    """All that the child says until it ends, and whether it did within its time."""
    said = b""
    while (left := until - time.monotonic()) > 0:
        if not select.select([hears], [], [], left)[0]:
            continue
        piece = os.read(hears, _PIECE)
        if not piece:
            return said, True
        said += piece
    return said, False
