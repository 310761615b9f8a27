"""Leave a score out of what a CRM is told while it differs by less than the flow's `write_score` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from connector.config import Config
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.steps.field_rules import score_names


def worth_writing(tx: Transaction, config: Config, made: Sequence[OutboxRow], leads: Mapping[int, Lead]) -> None:
    """Take what follows from the score out of rows of leads that are there, where that is not worth writing.

    Held against what the CRM has acknowledged. While something is on its way there, or was refused, nobody can tell
    what it has: then the score is said again.
    """
    rows = sorted(made, key=lambda row: (row.target, row.object))
    for (target, object), group in groupby(rows, key=lambda row: (row.target, row.object)):
        mine = list(group)
        origins = config.connections[target].mapping.origins(object)
        names = score_names(origins)
        receipts = tx.outbox.receipts(target, object, [row.our_key for row in mine]) if names else {}
        open_rows = tx.outbox.unfinished([row.key for row in mine]) if names else {}
        for row in mine:
            receipt, on_its_way = receipts.get(row.our_key), open_rows.get(row.key)
            if receipt is None or (on_its_way is not None and on_its_way.state != "waiting"):
                continue
            if not _worth(config, leads[row.lead_id], row.flow, origins, receipt.values):
                told = names & receipt.values.keys()
                row.values = {name: value for name, value in row.values.items() if name not in told}


def _worth(
    config: Config, lead: Lead, flow: str, origins: Mapping[str, Sequence[str]], known: Mapping[str, Any]
) -> bool:
    """Whether what the CRM has of the score is so far from it that it is written again."""
    of = config.flows.get(lead.flow) or config.flows.get(flow)
    if of is None or lead.score is None:
        return True
    plain = {origin[0]: name for name, origin in origins.items() if len(origin) == 1}
    total, grade = plain.get("score.total", ""), plain.get("grade", "")
    told = known.get(total)
    if (total and told is None) or (grade and grade not in known) or not (total or grade):
        return True
    score = lead.score
    was = score.total if told is None else _number(told)
    if was is None:
        return True
    return of.criteria.worth_writing(was, str(known.get(grade, score.grade) or ""), score.total, score.grade)


def _number(told: Any) -> int | None:
    try:
        return round(float(told))
    except (TypeError, ValueError, OverflowError):
        return None
