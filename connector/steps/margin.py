"""By how much a lead passed: how many points fewer would have done, and which evidence alone carries it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.steps.changes import Become, Change, Without, applied, key
from connector.steps.conditions.condition import Condition
from connector.steps.golden import Judging
from connector.steps.simulation import judged

#: The scopes of points that a gate may ask for.
_SCOPES = ("total", "fit", "engagement", "intent")
#: Nobody is asked for more points than these.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Margin:
    """How a lead passed the MQL gate.

    `fewer` says by scope how many points fewer would still have done, as far as points decide. `kinds` and `fields`
    are those without which it would not have passed; `alone` the kinds of activities each of which would have done
    without any other.
    """

    total: int = 0
    fewer: Mapping[str, int] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def margin(lead: Lead, activities: Sequence[Activity], flow: Judging, moment: datetime) -> Margin | None:
    """By how much `lead` is an MQL of `flow` at `moment`; None where it is none by its facts."""
    facts, judgement = judged(lead, activities, flow, moment)
    gate = flow.criteria.gates.get("mql")
    if gate is None or judgement is None or judgement.stage != "mql" or facts.score is None:
        return None
    uses = flow.criteria.uses
    known = [one for one in activities if one.at <= moment and one.kind in uses.kinds]
    kinds = tuple(dict.fromkeys(one.kind for one in sorted(known, key=lambda one: one.at)))
    asked = sorted(name for name in uses.fields if name in lead.fields)

    def passes(change: Change) -> bool:
        changed = judged(*applied((change,), lead, activities, moment), flow, moment)[1]
        return changed is not None and changed.stage == "mql"

    return Margin(
        facts.score.total,
        dict(_fewer(gate, facts)),
        tuple(one for one in kinds if not passes(_without(known, {one}))),
        tuple(one for one in asked if not passes(Become(one, None, "blank", True))),
        tuple(one for one in kinds if passes(_without(known, {*kinds} - {one}))),
    )


def _without(known: Sequence[Activity], kinds: Collection[str]) -> Without:
    return Without(tuple(sorted(kinds)), frozenset(key(one) for one in known if one.kind in kinds))


def _fewer(gate: Condition, facts: Facts) -> Iterator[tuple[str, int]]:
    """By scope, how many points fewer the gate still lets through; scopes that keep nobody out are left out."""
    score = facts.score
    if score is None:
        return
    for scope in (one for one in _SCOPES if one in gate.uses.scores):
        has = getattr(score, scope)
        for fewer in range(1, MOST):
            facts.score = replace(score, **{scope: has - fewer})
            if not gate.test(facts):
                yield scope, fewer - 1
                break
    facts.score = score
