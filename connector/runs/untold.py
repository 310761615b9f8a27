"""Whom marketing is to hear of though they are known, and were when last judged, of whom nothing is written.

Who fell back to `known` while their flow observed, which marketing hears once the flow does not; and in whose contact
another one was merged, of which marketing was told that it was more.
"""

from __future__ import annotations

from collections.abc import Collection

import orjson

from connector.config import Flow
from connector.model.ports import Transaction


def _name(flow: Flow) -> str:
    return f"untold:{flow.name}"


def keep_untold(tx: Transaction, flow: Flow, fallen: Collection[int]) -> None:
    """Remember leads of a flow until it writes about them."""
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
