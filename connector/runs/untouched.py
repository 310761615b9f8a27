"""Warm leads that nobody got in touch with for long: a list of marketing's, and their ids for the report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson

from connector.config import Flow
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.steps.conditions.condition import Uses

#: What a person of ours does that counts as getting in touch, as activities are called.
TOUCHES = ("call", "meeting", "chat")


def uses_of(flow: Flow) -> Uses:
    """What finding them looks at."""
    untouched = flow.criteria.untouched
    if untouched is None:
        return Uses()
    return Uses(kinds=frozenset(TOUCHES), windows=dict.fromkeys(TOUCHES, untouched.after.delta))


def untouched_from(lead: Lead, facts: Facts, after: timedelta) -> datetime | None:
    """From when on nobody has been in touch with a warm lead for `after`; None for who is not warm."""
    if lead.stage != "warm" or lead.stage_since is None:
        return None
    touched = [one.at for kind in TOUCHES for one in facts.activities.get(kind, ())[-1:]]
    return max([lead.stage_since, *touched]) + after


def untouched(tx: Transaction, flow: str) -> list[int]:
    """Ids of the warm leads of a flow that nobody got in touch with, ascending."""
    kept = tx.admin.meta(_name(flow))
    return list(orjson.loads(kept)) if kept else []


def keep(tx: Transaction, flow: str, judged: Iterable[int], found: set[int]) -> None:
    """Of the leads just judged, those in `found` are untouched."""
    before = set(untouched(tx, flow))
    after = (before - set(judged)) | found
    if after != before:
        tx.admin.set_meta(_name(flow), orjson.dumps(sorted(after)).decode() if after else "")


def _name(flow: str) -> str:
    return f"untouched:{flow}"
