"""How long activities are kept, and what looks back further: its points would fall by deletion alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from connector.config.flows import FlowTable
from connector.config.settings import KeepSettings
from connector.config.types import Flow, Keep
from connector.model.durations import Duration
from connector.model.errors import Path
from connector.steps.conditions.condition import Uses


def kept(settings: KeepSettings, flows: Mapping[str, Flow], tables: Mapping[str, FlowTable]) -> Keep:
    """How long what is stored stays. Where nothing is said of activities, they stay as long as criteria need them."""
    keep = Keep(**dict(settings))
    if "activities" in settings.model_fields_set or keep.activities is None:
        check_kept(flows, tables, keep)
        return keep
    horizons = [uses.horizon for flow in flows.values() for _, uses in asked(flow) if uses.horizon is not None]
    longest = max([keep.activities.delta, *horizons])
    return replace(keep, activities=Duration(int(longest.total_seconds())))


def check_kept(flows: Mapping[str, Flow], tables: Mapping[str, FlowTable], keep: Keep) -> None:
    """Report criteria that ask for activities of an age at which they are deleted."""
    if keep.activities is None:
        return
    for name, flow in flows.items():
        for path, uses in asked(flow):
            if uses.horizon is not None and uses.horizon > keep.activities.delta:
                tables[name].document.problems.add(
                    path, "looks back %(days)s days, and activities are kept for %(kept)s days (`keep.activities`)",
                    days=_days(uses.horizon), kept=keep.activities.delta.days,
                )  # fmt: skip


def _days(length: timedelta) -> int:
    return length.days + bool(length % timedelta(days=1))


def asked(flow: Flow) -> Iterator[tuple[Path, Uses]]:
    """Where a flow asks for activities: rules, conditions and gates, each with its place."""
    criteria = flow.criteria
    for rule in criteria.rules:
        yield (*criteria.path, rule.group, rule.name), rule.uses
    for name, condition in criteria.conditions.items():
        yield (*criteria.path, "conditions", name), condition.uses
    for name, condition in criteria.gates.items():
        yield (*criteria.path, "gates", name), condition.uses
