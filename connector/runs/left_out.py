"""Fields that a platform refused though it says that it takes them: the record goes without, and a notice tells it.

Refused once, a field is asked about anew (`Words`), and sent again as the platform wants it. Refused again, it
is left out of that one write. The notice closes with the next write of the record that has the field in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.outbox import OutboxRow, Refused, Settlement
from connector.model.ports import ReviewItem, Transaction
from connector.steps.vocabulary import LEFT_OUT

#: The code of a row that goes out without the fields that it names.
WITHOUT = "LEFT_OUT"
#: Objects of which every value is part of what they are.
WHOLE = ("association", "membership", "member", "consent")


def left_out_name(target: str) -> str:
    """The store's word that says that there are such notices."""
    return f"{LEFT_OUT}:{target}"


def notice_key(row: OutboxRow, name: str) -> str:
    """The key of the notice that a field was left out of a record."""
    return f"{LEFT_OUT}:{row.target}:{row.object}:{row.our_key}.{name}"


def name_in(row: OutboxRow, refused: Refused) -> str:
    """The refused field as the row names it, "" where it has none of that name."""
    return next((name for name in row.values if name.casefold() == refused.field.casefold()), "")


def can_go_without(row: OutboxRow, refused: Refused, capabilities: CrmCapabilities) -> bool:
    """Whether the record can be written without the field that is refused."""
    name = name_in(row, refused)
    if not name or refused.duplicate or row.object in WHOLE or capabilities.key_fields.get(row.object) == name:
        return False
    return len(row.values) > 1


def going_without(row: OutboxRow, refused: Refused) -> tuple[Settlement, ReviewItem]:
    """The row goes out anew without the field, and this is told."""
    name = name_in(row, refused)
    names = [*(row.field.split(",") if row.code == WITHOUT else []), name]
    item = ReviewItem(
        "notice", notice_key(row, name), f"{row.target} {row.object}", f"{sentences.NOT_SENT}: {refused.reason}", name,
        row.lead_id, row.target, row.flow, {"object": row.object, "our_key": row.our_key, "code": refused.code},
    )  # fmt: skip
    return Settlement(row, row.epoch, "waiting", refused.reason, WITHOUT, ",".join(names)), item


def without(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The rows without what was left out of them."""
    return [_without(row) if row.code == WITHOUT else row for row in rows]


def _without(row: OutboxRow) -> OutboxRow:
    names = row.field.split(",")
    return replace(row, values={name: value for name, value in row.values.items() if name not in names})


def close_taken(tx: Transaction, target: str, settlements: Sequence[Settlement], now: datetime) -> int:
    """Close the notices about fields that were taken now; returns how many."""
    done = [one.row for one in settlements if one.state == "done" and one.row.kind == "state"]
    if not done or not tx.admin.meta(left_out_name(target)):
        return 0
    keys = [notice_key(row, name) for row in done for name in row.values]
    return tx.reviews.close("notice", sorted(tx.reviews.is_open("notice", keys)), "mended", now)
