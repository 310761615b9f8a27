"""Leads that come back: when a rejection is over, what mends it, and what takes a lead over the line once more.

A reason of rejection says how long a lead stays away (`back_after`), what must hold for it to come back
(`back_when`), and whether its data is to be mended first. Whoever came back is no news by what led to the handoff that
was rejected: they are over the line anew by something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.stages import Stage
from connector.steps.conditions.condition import Condition
from connector.steps.qualification import passed_anew, passed_at
from connector.steps.scoring.criteria import Criteria

#: Stages from which a lead comes back.
AWAY: frozenset[Stage] = frozenset({"rejected", "lost"})
#: Fields in which somebody may have corrected what was wrong, as their names begin.
_MENDABLE = (
    "name.", "email", "phone", "mobile", "job_", "honorific", "linkedin", "country", "region", "city", "postal_code",
    "street", "company.",
)  # fmt: skip


def changed_since(facts: Facts, moment: datetime) -> Facts:
    """The same facts, of whose changes only those after `moment` count."""
    return replace(facts, changed={name: at for name, at in facts.changed.items() if at > moment})


def comes_back(
    facts: Facts, closed_at: datetime, back_at: datetime | None, when: Condition | None
) -> tuple[bool, datetime | None]:
    """Whether a lead that was rejected at `closed_at` comes back, and when time alone may change that.

    It does from `back_at` on as soon as `when` holds, in which what `changed` is what changed since it was rejected;
    with neither it never does.
    """
    if back_at is None and when is None:
        return False, None
    if back_at is not None and facts.now < back_at:
        return False, back_at
    if when is None:
        return True, None
    seen = changed_since(facts, closed_at)
    return (True, None) if when.test(seen) else (False, when.expires(seen))


def is_mended(facts: Facts, closed_at: datetime) -> bool:
    """Whether somebody has said anything else of the person or the company since `closed_at`."""
    return any(name.startswith(_MENDABLE) and at > closed_at for name, at in facts.changed.items())


def over_anew(
    lead: Lead,
    activities: Sequence[Activity],
    criteria: Criteria,
    facts: Facts,
    closed_at: datetime,
    when: Condition | None,
) -> bool:
    """Whether a lead over the line is there by something new since `closed_at`, and not by what was rejected.

    New is: what it did since takes it there by itself, or what it did before does not any more, or a field changed
    that `when` (what had to hold for it to come back) looks at.
    """
    watched = when.uses.fields if when is not None else frozenset[str]()
    if any(name in watched and at > closed_at for name, at in facts.changed.items()):
        return True
    if passed_anew(lead, activities, criteria, closed_at, facts.now):
        return True
    before = [activity for activity in activities if activity.at < closed_at]
    return not passed_at(lead, before, criteria, facts.now)
