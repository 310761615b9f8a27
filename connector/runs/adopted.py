"""Records that turned out to be ours by a look-up: what was read of them before is looked at once more.

Their create was never answered, so that a change by somebody else may have been read when nobody knew yet whose
record that is. It is not read a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.config import Config
from connector.model import sentences
from connector.model.mirror import CrmRecord
from connector.model.outbox import Settlement
from connector.model.ports import Transaction
from connector.runs.own_values import OwnValues
from connector.runs.respect import PEOPLE


def look_again(tx: Transaction, config: Config, target: str, settlements: Sequence[Settlement], now: datetime) -> int:
    """Write our own values again where they were overwritten in what was just adopted; returns how many fields.

    What was held back meanwhile, as it might have been somebody else's, is worked out anew with the next scoring.
    """
    adopted = [one for one in settlements if one.reason == sentences.ADOPTED and one.row.object in PEOPLE]
    ids = sorted({one.receipt.crm_id for one in adopted if one.receipt})
    if not ids:
        return 0
    records: dict[tuple[str, str], CrmRecord] = {
        (object, id): one for object in PEOPLE for id, one in tx.mirror.get(target, object, ids).items()
    }
    leads = tx.intake.leads(sorted({one.row.lead_id for one in adopted}))
    tx.scores.mark_due(list(leads), now)
    own, again = OwnValues(tx, config, target, now), 0
    for one in adopted:
        record = records.get((one.row.object, one.receipt.crm_id)) if one.receipt else None
        if one.receipt and record and not record.gone and one.row.lead_id in leads:
            again += own.look(leads[one.row.lead_id], one.receipt, record)
    return again
