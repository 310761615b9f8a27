"""What each activity gave in points when it happened, and what of the present points still hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model.activity import Activity
from connector.model.lead import Lead
from connector.steps.changes import Key, key
from connector.steps.facts import account_of, build
from connector.steps.scoring.criteria import Criteria
from connector.steps.scoring.rule import Rule

#: Of more activities that a rule looks at, the latest are told.
MOST = 300
#: A rule that asks for more at once is not told of by activity.
TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Share:
    """The points that one rule gave for one activity, and what is left of them now."""

    rule: str
    gave: int
    left: int


def shares(
    lead: Lead, activities: Sequence[Activity], criteria: Criteria, now: datetime
) -> dict[Key, tuple[Share, ...]]:
    """By activity, what each rule gave for it; activities that gave nothing are absent.

    What is left of all activities is together what the rule gives now, before the limit of its group: a limit of the
    rule keeps the latest, and a rule that counts only the latest has nothing left for those before. Of a rule that
    asks for several, the one that made them enough has the points. Fields count as they are.
    """
    found: dict[Key, list[Share]] = {}
    for rule in criteria.rules:
        mine = (
            [one for one in activities if one.kind in rule.uses.kinds and one.at <= now] if rule.needs_activity else []
        )
        mine.sort(key=lambda one: (one.at, one.id))
        for activity, share in _of_rule(rule, _Giver(lead, rule), mine, now):
            found.setdefault(key(activity), []).append(share)
    return {at: tuple(some) for at, some in found.items()}


@dataclass(frozen=True, slots=True)
class _Giver:
    lead: Lead
    rule: Rule

    def points(self, activities: Sequence[Activity], now: datetime) -> int:
        """What the rule gives for these activities at `now`."""
        if not activities:
            return 0
        given = self.rule.evaluate(build(self.lead, activities, now, account=account_of(self.lead)), [])
        return given.points if given is not None else 0


def _of_rule(rule: Rule, giver: _Giver, mine: Sequence[Activity], now: datetime) -> list[tuple[Activity, Share]]:
    found, behind, whole = [], 0, giver.points(mine, now)
    for place in range(len(mine) - 1, max(len(mine) - MOST, 0) - 1, -1):
        one = mine[place]
        # Once the later ones give all that there is, nothing is left for the earlier ones.
        with_it = behind if behind == whole else giver.points(mine[place:], now)
        gave = giver.points([one], one.at) or _made_enough(giver, mine[: place + 1])
        if gave or with_it != behind:
            found.append((one, Share(rule.name, gave, with_it - behind)))
        behind = with_it
    return found


def _made_enough(giver: _Giver, until: Sequence[Activity]) -> int:
    """What the last of these added where one alone gives nothing: the rule asks for several."""
    last = until[-1]
    if not giver.points([last] * TOGETHER, last.at):
        return 0
    near = until[-TOGETHER:]
    return giver.points(near, last.at) - giver.points(near[:-1], last.at)
