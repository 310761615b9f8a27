"""Rows as people can read them: times as datetimes, JSON as what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from connector.model.times import EPOCH, moment
from state.leads import read_score

#: Columns that hold JSON text, in any table.
JSON = ("body", "written", "before")
#: Columns that hold times and are not named `..._at`.
TIMES = ("at", "stage_since", "deadline", "not_before")


def read_row(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row of a table, told by column."""
    told = {name: _read(name, value) for name, value in row.items()}
    if table == "activities":
        url, campaign, answers = told.pop("body") or ("", "", {})
        told |= {"url": url, "campaign": campaign, "answers": answers}
    elif table == "standings":
        told["score"] = read_score(row["score"], row["total"], row["grade"])
    elif table == "activity_days":
        told["day"] = EPOCH.date() + timedelta(days=row["day"])
    return told


def _read(name: str, value: Any) -> Any:
    if isinstance(value, str) and name in JSON:
        return orjson.loads(value) if value else {}
    if isinstance(value, int) and (name in TIMES or name.endswith("_at")):
        return moment(value)
    return value
