"""Faults that can be ordered from a local server.

Without doing the work: `status` (code, body, headers), `drop` (the connection is closed without an
answer), `html` (a gateway's page with status 200), `wrong_json` (status 200 and JSON of another
shape). After doing it: `lost` (closed without an answer), `cut` (half of the body), `cut_headers`
(closed inside the headers), `slow` (seconds before answering), `drip` (the body in `pieces` over
`seconds`). In the middle of it: `half` (the first `items` of a batch are done, half of them unless
told, then the connection is closed without an answer; a call about one record is `lost`).
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["status", "drop", "html", "wrong_json", "lost", "cut", "cut_headers", "slow", "drip", "half"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BEFORE_THE_WORK = ("status", "drop", "html", "wrong_json")


@dataclass(slots=True)
class Fault:
    """One order: the `kind` for `times` calls whose "METHOD path" contains `match`, sparing the first `after`."""

    kind: str
    match: str = ""
    times: int = 1
    after: int = 0
    args: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults that are still to come, each of one of `kinds`. Safe for threads."""

    def __init__(self, kinds: Collection[str] = KINDS) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._orders: list[Fault] = []

    def add(self, kind: str, *, match: str = "", times: int = 1, after: int = 0, **args: Any) -> None:
        """Order a fault. `args`: code, body, headers (status); body (html, wrong_json); seconds (slow, drip); pieces;
        items (half).

        Raises ValueError for a kind that does not exist.
        """
        if kind not in self._kinds:
            raise ValueError(f"no fault {kind!r}: one of {', '.join(self._kinds)}")
        with self._lock:
            self._orders.append(Fault(kind, match, times, after, args))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call, if one was ordered; it is used up by that."""
        if not self._orders:
            return None
        called = f"{method} {path}"
        with self._lock:
            for order in self._orders:
                if order.times > 0 and order.match in called:
                    if order.after > 0:
                        order.after -= 1
                        continue
                    order.times -= 1
                    return order
        return None

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._orders.clear()

    def left(self) -> list[dict[str, Any]]:
        """The orders that are not used up, for another process."""
        with self._lock:
            return [{"kind": o.kind, "match": o.match, "times": o.times, "after": o.after, **o.args}
                    for o in self._orders if o.times > 0]  # fmt: skip
