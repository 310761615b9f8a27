"""What a local server received and what came of it: the ground on which tests say "nothing twice"."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One call. `route` is the path's template, `items` the records it was about, `fault` what was ordered for it.

    `status` is what the application answered, 0 where it was not asked.
    """

    at: float
    method: str
    route: str
    status: int
    items: int = 1
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One effect on one record: what was done (create, update, merge, join ...), to which, with which fields.

    `key` is what the caller knows the record by (an external id, an email); "" where there is none.
    """

    at: float
    did: str
    object: str
    id: str
    key: str = ""
    fields: tuple[str, ...] = ()


class Ledger:
    """Calls and deeds in the order in which they happened. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._deeds: list[Deed] = []

    def enter(self, entry: Entry) -> None:
        """Note a call."""
        with self._lock:
            self._entries.append(entry)

    def did(self, deeds: Iterable[Deed]) -> None:
        """Note effects."""
        with self._lock:
            self._deeds.extend(deeds)

    def calls(self, route: str = "") -> list[Entry]:
        """The calls whose "METHOD route" contains `route`."""
        with self._lock:
            return [entry for entry in self._entries if route in f"{entry.method} {entry.route}"]

    def counts(self) -> Counter[str]:
        """How many calls of each "METHOD route"."""
        with self._lock:
            return Counter(f"{entry.method} {entry.route}" for entry in self._entries)

    def items(self) -> Counter[str]:
        """How many records the calls of each "METHOD route" were about."""
        total: Counter[str] = Counter()
        for entry in self.calls():
            total[f"{entry.method} {entry.route}"] += entry.items
        return total

    def deeds(self, did: str = "", object: str = "") -> list[Deed]:
        """The effects of one kind, on one object; "" is any."""
        with self._lock:
            return [deed for deed in self._deeds if did in ("", deed.did) and object in ("", deed.object)]

    def clear(self) -> None:
        """Forget everything so far."""
        with self._lock:
            self._entries.clear()
            self._deeds.clear()

    def asdict(self, route: str = "") -> dict[str, Any]:
        """Everything, for another process."""
        return {
            "counts": dict(self.counts()),
            "items": dict(self.items()),
            "calls": [asdict(entry) for entry in self.calls(route)],
            "deeds": [asdict(deed) for deed in self.deeds()],
        }
