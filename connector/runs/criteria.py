"""Changed criteria: in force at once, or, where they would move many leads, once somebody accepts them.

What decides is always the latest version that is kept of a flow, whatever the files say: a change is kept, and in
force with that, by the run that has weighed it. Until then, and while it waits, the version before goes on, which is
made again from its kept text. Nothing waits in a flow that only observes, and a first version never does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.config import Config, Flow
from connector.model.handoff import NOT_YET_OUT
from connector.model.notices import Notice
from connector.model.ports import CriteriaVersion, Transaction, Waiting
from connector.runs.notices import announce
from connector.runs.population import Question, Row, rows
from connector.runs.restore import refuse_if_set_back
from connector.runs.runtime import Runtime

#: Who was given away longer ago would not have come either, but nothing of that is to be done any more.
RECENT = timedelta(days=30)
#: What a count of flows with criteria that wait begins with.
WAITS = "waits for baton criteria accept"


def in_force(tx: Transaction, config: Config) -> Config:
    """`config` with the criteria that decide now: of a changed flow those before, as long as the change waits.

    The flow as it stands in the files is then its `edited`. A few small reads where nothing was changed.
    """
    kept = tx.criteria.versions()
    flows = {name: _in_force(tx, config, flow, kept.get(name, "")) for name, flow in config.flows.items()}
    if all(flows[name] is flow for name, flow in config.flows.items()):
        return config
    return replace(config, flows=flows)


def _in_force(tx: Transaction, config: Config, flow: Flow, version: str) -> Flow:
    written = flow.as_written
    if version in ("", written.criteria.version) or not written.accept_over or written.mode == "observe":
        return written
    if version == flow.criteria.version:
        return flow
    from connector.config.versions import with_earlier

    kept = tx.criteria.text(flow.name)
    return with_earlier(config, written, version, kept, _entries(tx, flow.name)) or written


def settle(runtime: Runtime, author: str = "") -> list[str]:
    """Keep what was changed, or let it wait; returns the flows whose change is in force now.

    `runtime` goes on under what is in force. A change is weighed once, outside of any transaction, by everybody who
    is stored.
    """
    with runtime.store.read() as tx:
        present, known = in_force(tx, runtime.config), tx.criteria.waiting()
        if not known and _is_kept(tx, runtime.config):
            runtime.config = present
            return []
    waiting = _weighed(runtime, present, known)
    changed, now = [], runtime.clock()
    with runtime.store.write() as tx:
        refuse_if_set_back(tx)
        kept, known = tx.criteria.versions(), tx.criteria.waiting()
        for flow in runtime.config.flows.values():
            written, one = flow.as_written, waiting.get(flow.name)
            if kept.get(flow.name) == written.criteria.version:
                if flow.name in known:
                    tx.criteria.wait_no_longer(flow.name)
                _keep_entries(tx, written)
            elif one is None:
                take(tx, written, now, author)
                changed.append(flow.name)
            elif one.before == kept.get(flow.name) and one != known.get(flow.name):
                tx.criteria.wait(one)
                announce(tx, runtime.config, [_notice(one)], now)
        runtime.config = in_force(tx, runtime.config)
    return changed


def take(tx: Transaction, flow: Flow, now: datetime, author: str = "", note: str = "") -> bool:
    """The criteria of `flow` are in force, and its leads are due; False where they were before."""
    tx.criteria.wait_no_longer(flow.name)
    if not tx.ledgers.add_criteria(
        CriteriaVersion(flow.name, flow.criteria.version, flow.criteria.text, author, note, now)
    ):
        return False
    _keep_entries(tx, flow)
    # What `takes` says is part of the criteria, and about leads that are elsewhere.
    tx.scores.mark_all_due(now, "" if flow.takes else flow.name)
    return True


def count_waiting(config: Config, counts: Counter[str]) -> None:
    """Count the flows of what is in force whose change waits."""
    waits = sum(flow.edited is not None for flow in config.flows.values())
    if waits:
        counts[WAITS] = waits


def _is_kept(tx: Transaction, config: Config) -> bool:
    """Whether nothing is to be done: what stands in the files is in force, with its lists."""
    kept = tx.criteria.versions()
    return all(
        kept.get(name) == flow.as_written.criteria.version and _has_entries(tx, flow.as_written)
        for name, flow in config.flows.items()
    )


def _weighed(runtime: Runtime, present: Config, known: Mapping[str, Waiting]) -> dict[str, Waiting]:
    """Changes that wait, or that are to wait: those that would move more leads than their flow takes for granted."""
    held = [flow for flow in present.flows.values() if flow.edited is not None]
    found = {
        flow.name: one
        for flow in held
        if (one := known.get(flow.name))
        and (one.version, one.before) == (flow.as_written.criteria.version, flow.criteria.version)
    }
    fresh = [flow for flow in held if flow.name not in found]
    return found | (_weigh(runtime, list(present.flows.values()), fresh) if fresh else {})


def _weigh(runtime: Runtime, present: Sequence[Flow], fresh: Sequence[Flow]) -> dict[str, Waiting]:
    """Go through everybody once, each changed flow by itself."""
    now = runtime.clock()
    changed = {flow.name: [one.as_written if one is flow else one for one in present] for flow in fresh}
    came, went, leads = Counter[str](), Counter[str](), 0
    for row in rows(runtime.store, Question(present, changed, now, told=False)):
        leads += 1
        for flow, stand in zip(fresh, row.changed, strict=True):
            came[flow.name] += stand.over and not row.present.over
            went[flow.name] += row.present.over and not stand.over and _matters(row, now)
    return {
        flow.name: Waiting(
            flow.name, flow.as_written.criteria.version, flow.criteria.version, now,
            {"in": came[flow.name], "out": went[flow.name], "leads": leads, "over": flow.accept_over},
        )
        for flow in fresh
        if came[flow.name] + went[flow.name] > flow.accept_over
    }  # fmt: skip


def _matters(row: Row, now: datetime) -> bool:
    """Whether somebody who would go out is still here, or was given away of late."""
    handoff = row.handoff
    return handoff is None or handoff.state in NOT_YET_OUT or handoff.decided_at >= now - RECENT


def _notice(one: Waiting) -> Notice:
    values = {"flow": one.flow, "in": one.body["in"], "out": one.body["out"], "over": one.body["over"]}
    key = f"criteria:{one.flow}:{one.version}:{one.since.isoformat()}"
    return Notice("criteria wait", "criteria wait", key, one.since, values=values)


def _entries(tx: Transaction, flow: str) -> Mapping[str, Sequence[str]]:
    """The entries of list files by which the version in force decides."""
    _, _, text = tx.admin.meta(_name(flow)).partition("\n")
    found: Mapping[str, Sequence[str]] = json.loads(text) if text else {}
    return found


def _has_entries(tx: Transaction, flow: Flow) -> bool:
    """Whether the entries of the lists that this version asks are kept; there may be none."""
    return not flow.criteria.lists or tx.admin.meta(_name(flow.name)).startswith(flow.criteria.version)


def _keep_entries(tx: Transaction, flow: Flow) -> None:
    """The text of a version has a hash of them only. Addresses of people are not kept here."""
    if _has_entries(tx, flow):
        return
    lists = flow.criteria.lists
    entries = {name: sorted(some) for name, some in lists.items() if not any("@" in one for one in some)}
    tx.admin.set_meta(_name(flow.name), f"{flow.criteria.version}\n{json.dumps(entries, ensure_ascii=False)}")


def _name(flow: str) -> str:
    return f"lists:{flow}"
