"""Gathering the facts about one lead at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.fields import Value
from connector.model.lead import Lead

_AT = attrgetter("at")
_NO_ACTIVITIES: Mapping[str, list[Activity]] = {}
_NO_COUNTS: Mapping[str, int] = {}


def build(
    lead: Lead,
    activities: Iterable[Activity],
    now: datetime,
    lifetime: Mapping[str, int] | None = None,
    account_owner: str = "",
    account: Mapping[str, Value] | None = None,
) -> Facts:
    """The facts about `lead` at `now`, whatever the order of `activities`.

    Activities later than `now` are left out, of `lifetime` (counts by kind over all time) too. The
    fields are those of today: a lead does not remember what they were before. `account` is what is known of the
    account of the lead's company, as fields.
    """
    fields = {**lead.fields, **account} if account else lead.fields
    changed = Changed(lead.said, now)
    if not activities:
        return Facts(now, fields, _NO_ACTIVITIES, lifetime or _NO_COUNTS, None, changed, account_owner)
    by_kind: dict[str, list[Activity]] = {}
    later: list[Activity] = []
    for activity in activities:
        if activity.at > now:
            later.append(activity)
        elif activity.kind in by_kind:
            by_kind[activity.kind].append(activity)
        else:
            by_kind[activity.kind] = [activity]
    for several in by_kind.values():
        if len(several) > 1:
            several.sort(key=_AT)
    counts = lifetime or _NO_COUNTS
    if later and counts:
        counts = _without(counts, later)
    first_later = min(map(_AT, later)) if later else None
    return Facts(now, fields, by_kind, counts, None, changed, account_owner, first_later)


def account_of(lead: Lead) -> Mapping[str, Value] | None:
    """What was known of the lead's account when it was scored."""
    return lead.score.account if lead.score is not None else None


def _without(counts: Mapping[str, int], later: list[Activity]) -> dict[str, int]:
    left = dict(counts)
    for activity in later:
        if left.get(activity.kind, 0) > 0:
            left[activity.kind] -= 1
    return left


class Changed(Mapping[str, datetime]):
    """When each field last changed, read from a lead's provenance as it is asked for."""

    __slots__ = ("_now", "_said")

    def __init__(self, said: Mapping[str, tuple[str, str]], now: datetime) -> None:
        self._said = said
        self._now = now

    def __getitem__(self, name: str) -> datetime:
        at = datetime.fromisoformat(self._said[name][1])
        if at > self._now:
            raise KeyError(name)
        return at

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._said if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
