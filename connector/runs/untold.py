"""Who fell back to `known` while their flow observed: marketing hears of it once the flow does not.

Whoever is known, and was when last judged, is not written about: nobody else would tell that they were warm once.
"""

from __future__ import annotations

from collections.abc import Collection

import orjson

from connector.config import Flow
from connector.model.ports import Transaction


def _name(flow: Flow) -> str:
    return f"untold:{flow.name}"


def keep_untold(tx: Transaction, flow: Flow, fallen: Collection[int]) -> None:
    """Remember leads of a flow that observes."""
    if fallen:
        known = set(orjson.loads(tx.admin.meta(_name(flow)) or "[]"))
        tx.admin.set_meta(_name(flow), orjson.dumps(sorted(known | set(fallen))).decode())


def take_untold(tx: Transaction, flow: Flow, judged: Collection[int]) -> set[int]:
    """Those of the leads just judged that are to be told of, now that their flow writes; they are forgotten here."""
    kept = tx.admin.meta(_name(flow))
    known = set(orjson.loads(kept)) if kept else set()
    found = known.intersection(judged)
    if found:
        left = sorted(known - found)
        tx.admin.set_meta(_name(flow), orjson.dumps(left).decode() if left else "")
    return found
