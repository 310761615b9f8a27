"""What a page of the dashboard is asked for: the filters in its address, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any, cast
from urllib.parse import urlencode

from connector.config import Config
from connector.insight.funnel import DEFINITIONS
from connector.model.goals import LARGE, SEGMENTS
from connector.reporting.periods import Period, before, period_of
from connector.steps.telling.words import N_, Words

#: Periods by their names in an address. Each ends with today, but for those before the present one.
PERIODS = {
    "30": N_("last 30 days"), "90": N_("last 90 days"), "365": N_("last 365 days"), "week": N_("this week"),
    "month": N_("this month"), "last-month": N_("last month"), "quarter": N_("this quarter"),
    "last-quarter": N_("last quarter"), "all": N_("since the beginning"), "days": N_("from day to day"),
}  # fmt: skip
USUAL = "90"
SEGMENT_NAMES = (*(name for _, name in SEGMENTS), LARGE)


class NotThereError(Exception):
    """An address asks for what there is not; the text is for the reader, in their language."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters. `since` (held) and `until` (left out) are the period's moments in UTC, None where it has none."""

    period: str = USUAL
    first: str = ""
    last: str = ""
    flow: str = ""
    source: str = ""
    campaign: str = ""
    owner: str = ""
    team: str = ""
    segment: str = ""
    version: str = ""
    definition: str = "strict"
    by: str = ""
    each: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filters(self) -> dict[str, str]:
        """What an address says: the filters that are not as usual."""
        usual = Asked()
        names = [one.name for one in fields(Asked) if one.name not in ("since", "until")]
        return {name: str(getattr(self, name)) for name in names if getattr(self, name) != getattr(usual, name)}

    def address(self, path: str, **changes: str) -> str:
        """`path` with the filters, and with `changes` of them ("" takes one away)."""
        said = {name: value for name, value in (self.filters | changes).items() if value}
        return f"{path}?{urlencode(said)}" if said else path


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be asked for, by filter: what stands in the address, and its name."""

    flow: Iterable[str]
    owner: Iterable[str]
    team: Iterable[str]
    version: Iterable[str]
    by: Iterable[str]


def read(query: Mapping[str, str], choices: Choices, config: Config, words: Words) -> Asked:
    """The filters of an address. Raises NotThereError with one clear line; names that are no filter are left alone."""
    said = {name: query.get(name, "").strip() for name in Asked().__slots__ if name not in ("since", "until")}
    given = {name: value for name, value in said.items() if value}
    if "first" in given or "last" in given:
        given["period"] = "days"
    asked = Asked(**cast("dict[str, Any]", given))
    for name, known in (
        ("period", PERIODS), ("flow", choices.flow), ("owner", choices.owner), ("team", choices.team),
        ("segment", SEGMENT_NAMES), ("definition", DEFINITIONS), ("by", choices.by),
        ("each", ("week", "month")),
    ):  # fmt: skip
        _check(name, getattr(asked, name), known, words)
    asked = replace(asked, version=_version(asked.version, choices.version, words))
    return _within(asked, config, words)


def _check(name: str, value: str, known: Iterable[str], words: Words) -> None:
    names = list(known)
    if not value or value in names:
        return
    near = get_close_matches(value, names, 1)
    nearest = words.say(N_("; did you mean %(near)s?"), near=near[0]) if near else ""
    raise NotThereError(
        words.say(N_("%(filter)s=%(value)s: there is nothing of this name"), filter=name, value=value) + nearest
    )


def _version(value: str, known: Iterable[str], words: Words) -> str:
    """A version by its first letters."""
    if not value:
        return ""
    found = {one for one in known if one.startswith(value)}
    if len(found) != 1:
        _check("version", value, (), words)
    return found.pop()


def _within(asked: Asked, config: Config, words: Words) -> Asked:
    today = words.now.astimezone(config.zone).date()
    first, last = _days(asked, today, config, words)
    midnight = time(0)
    since = None if first is None else datetime.combine(first, midnight, config.zone).astimezone(UTC)
    until = None if last is None else datetime.combine(last + timedelta(days=1), midnight, config.zone).astimezone(UTC)
    return replace(asked, since=since, until=until)


def _days(asked: Asked, today: date, config: Config, words: Words) -> tuple[date | None, date | None]:
    """First and last day of the period, both included."""
    if asked.period == "all":
        return None, None
    if asked.period == "days":
        first, last = (_day(text, words) for text in (asked.first, asked.last))
        if first and last and last < first:
            raise NotThereError(words.say(N_("%(first)s is after %(last)s"), first=asked.first, last=asked.last))
        return first, last
    if asked.period.isdigit():
        return today - timedelta(days=int(asked.period) - 1), today
    kinds = {"week": "weekly", "month": "monthly", "quarter": "quarterly"}
    present: Period = period_of(kinds[asked.period.removeprefix("last-")], today, config)
    found = before(present, config) if asked.period.startswith("last-") else present
    return found.first, min(found.last, today)


def _day(text: str, words: Words) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
        _ = day and datetime.combine(day, time(0)) + timedelta(days=2)
    except (ValueError, OverflowError):
        raise NotThereError(words.say(N_("%(text)s is no date; such as 2026-12-07"), text=text)) from None
    if day and day.year < 1971:
        raise NotThereError(words.say(N_("%(text)s is no date; such as 2026-12-07"), text=text))
    return day


def told(asked: Asked, words: Words, config: Config) -> str:
    """The filters in words, to stand on a page that is printed: `1 Sep – 23 Nov 2026 · flow b2b`."""
    parts = [_span(asked, words, config)]
    names: Mapping[str, str] = {
        "flow": N_("flow"), "source": N_("source"), "campaign": N_("campaign"), "owner": N_("owner"),
        "team": N_("team"), "segment": N_("segment"), "version": N_("criteria version"),
    }  # fmt: skip
    say: Callable[..., str] = words.say
    parts += [f"{say(text)}: {getattr(asked, name)[:60]}" for name, text in names.items() if getattr(asked, name)]
    return " · ".join(parts)


def _span(asked: Asked, words: Words, config: Config) -> str:
    if asked.since is None and asked.until is None:
        return words.say(PERIODS["all"])
    first = words.day(asked.since.astimezone(config.zone).date(), year=True) if asked.since else ""
    last = words.day((asked.until - timedelta(days=1)).astimezone(config.zone).date(), year=True) if asked.until else ""
    return f"{first} – {last}".strip()
