"""Score the leads that are due: new activity came, time moved a score, or the criteria changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from connector.config import Flow
from connector.model.ports import CriteriaVersion
from connector.runs.assess import Assessor, start_of
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.conditions.condition import Uses

BATCH = 500


def rescore(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Take every due lead along the line from *score* on, a batch a transaction."""
    now = runtime.clock()
    flows = list(runtime.config.flows.values())
    uses = looked_at(flows)
    since = now - uses.horizon if uses.horizon is not None else None
    after = 0
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            ids = tx.scores.due(now, BATCH, after)
            if not ids:
                return
            leads = tx.intake.leads(ids)
            assessor = Assessor(flows, rows, now, counts)
            activities = tx.intake.activities(ids, since, uses.kinds) if uses.kinds else {}
            assessor.known(tx, [leads[lead_id] for lead_id in ids], activities, ids)
        after = ids[-1]
        runtime.progress("scored", counts)


def looked_at(flows: Sequence[Flow]) -> Uses:
    """What deciding looks at in any of the flows."""
    found = Uses()
    for flow in flows:
        found |= flow.criteria.uses
        if flow.takes is not None:
            found |= flow.takes.uses
    return found


def keep_criteria(runtime: Runtime, author: str = "") -> list[str]:
    """Keep each flow's criteria; where they changed, its leads are due. Returns flows that changed.

    Where another flow may take a lead by now, every lead is due: those in no flow, too.
    """
    now, flows, changed = runtime.clock(), runtime.config.flows.values(), []
    with runtime.store.write() as tx:
        for flow in flows:
            version = CriteriaVersion(flow.name, flow.criteria.version, flow.criteria.text, author, at=now)
            if tx.ledgers.add_criteria(version):
                # What `takes` says is part of the criteria, and about leads that are elsewhere.
                tx.scores.mark_all_due(now, "" if flow.takes else flow.name)
                changed.append(flow.name)
        asked, before = who_is_asked(flows), tx.admin.meta("flows")
        if asked != before:
            tx.admin.set_meta("flows", asked)
        if before not in ("", asked):
            tx.scores.mark_all_due(now)
    return changed


def who_is_asked(flows: Iterable[Flow]) -> str:
    """The flows in the order in which they are asked for a lead: whose they take, since when, and if they write."""
    said = (
        (one.name, ",".join(one.sources), str(bool(one.takes)), start_of(one), str(one.mode != "observe"))
        for one in flows
    )
    return "; ".join(map(" ".join, said))
