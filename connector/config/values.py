"""The kinds of values that settings have beyond TOML's own: durations, times of day, shares, names.

Each is a pydantic type with a plain sentence for what is wrong and a JSON Schema for editors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from connector.config.currencies import CURRENCIES
from connector.model import durations
from connector.model.activity import KINDS
from connector.model.durations import Duration
from connector.model.errors import Problem, Problems
from connector.model.fields import FIELDS, field_type
from connector.model.secret_names import is_secret_name
from connector.steps.normalise.countries import codes

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_EMAIL = re.compile(r"[^@\s\"<>]+@[^@\s\"<>]+\.[^@\s\"<>]+")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_CALENDAR = re.compile(r"([A-Z]{2})(?:-[A-Z0-9]{1,3})?")
_REPORT_DAY = re.compile(rf"({'|'.join(WEEKDAYS)}|[1-9]\d?(st|nd|rd|th)( working)? day|last( working)? day) (\S+)")


def refuse(what: str, allowed: str = "", nearest: str = "", **values: object) -> PydanticCustomError:
    """The error of a value; `what` is an English sentence with `%(name)s` places for `values`."""
    told = {"problem": Problem((), what, allowed, nearest, values=values)}
    return PydanticCustomError("said", "said in words", told)


def _refuse_unknown(what: str, name: str, known: Iterable[str]) -> PydanticCustomError:
    """`what` says that `%(name)s` is not known; the nearest of `known` is offered."""
    problems = Problems()
    problems.unknown((), name, known)
    found = problems.found[0]
    return refuse(what, found.allowed, found.nearest, name=name)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refuse(N_("must be a text in quotes"))
    return value


def _duration(value: object, *, working: bool) -> Duration:
    problems = Problems()
    duration = durations.checked(value, (), problems, working=working)
    if duration is None:
        raise PydanticCustomError("said", "said in words", {"problem": problems.found[0]})
    return duration


def _either_duration(value: object) -> Duration:
    return _duration(value, working=True)


def _clock_duration(value: object) -> Duration:
    return _duration(value, working=False)


def _kept(value: object) -> Duration | None:
    return None if value == "always" else _duration(value, working=False)


def _zone(value: object) -> ZoneInfo:
    name = _text(value)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        from zoneinfo import available_timezones

        raise _refuse_unknown(N_("unknown time zone %(name)s"), name, available_timezones()) from None


def _region(value: object) -> str:
    code = _text(value)
    if code and code not in codes():
        raise refuse(N_("%(value)s is no country code of two capital letters"), "DE, JP, US, ...", value=code)
    return code


def _currency(value: object) -> str:
    code = _text(value)
    if code not in CURRENCIES:
        raise _refuse_unknown(N_("unknown currency %(name)s"), code, CURRENCIES)
    return code


def _month(value: object) -> int:
    if value not in MONTHS:
        raise _refuse_unknown(N_("unknown month %(name)s"), str(value), MONTHS)
    return MONTHS.index(str(value)) + 1


def _email(value: object) -> str:
    address = _text(value)
    if not _EMAIL.fullmatch(address):
        raise refuse(N_("must be an email address"))
    return address.lower()


def _secret_name(value: object) -> str:
    name = _text(value)
    if not is_secret_name(name):
        raise refuse(N_("must be the name of a secret; keep its value with: baton auth set NAME"))
    return name


def read_clock(text: str) -> time:
    """A time of day; raises ValueError."""
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    return time(int(match[1]), int(match[2]))


def _time_of_day(value: object) -> str:
    try:
        return read_clock(_text(value)).strftime("%H:%M")
    except ValueError:
        raise refuse(N_("%(value)s is no time of day"), '"03:30", "18:00"', value=repr(value)) from None


def _report(value: object) -> str:
    match = _REPORT_DAY.fullmatch(_text(value))
    if not match or not _CLOCK.fullmatch(match[5]):
        raise refuse(
            N_("%(value)s says no day and time"), '"Mon 08:00", "1st working day 08:00", "last day 17:00"', value=value
        )
    return str(value)


def read_share(value: object) -> float:
    """`12.5 %` as a share of 1; raises an error of a value."""
    match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match or float(match[1]) > 100:
        raise refuse(N_("%(value)s is no share"), '"50 %", "12.5 %"', value=repr(value))
    return float(match[1]) / 100


def _holiday(value: object) -> str | date:
    if isinstance(value, date):
        return value
    match = _CALENDAR.fullmatch(value) if isinstance(value, str) else None
    if not match or match[1] not in codes():
        raise refuse(N_("%(value)s is no calendar and no day"), '"DE-BE", "JP", 2026-12-24', value=repr(value))
    return match[0]


def _field_name(value: object) -> str:
    name = _text(value)
    if field_type(name) is None:
        raise _refuse_unknown(N_("unknown field %(name)s"), name, FIELDS)
    return name


def _kind(value: object) -> str:
    if value not in KINDS:
        raise _refuse_unknown(N_("unknown kind of activity %(name)s"), str(value), KINDS)
    return str(value)


def _spans(value: object) -> tuple[tuple[time, time], ...]:
    """`09:00-17:30`, or several with commas; the last of a day may go on over midnight (`22:00-06:00`)."""
    spans = []
    try:
        for span in _text(value).split(","):
            begin, end = span.split("-")
            spans.append((read_clock(begin), read_clock("00:00" if end.strip() == "24:00" else end)))
    except ValueError:
        spans = []
    if not spans or not _in_order(spans):
        allowed = '"09:00-17:30", "09:00-12:00, 13:00-18:00", "22:00-06:00"'
        raise refuse(N_("%(value)s are no hours"), allowed, value=repr(value))
    return tuple(spans)


def _in_order(spans: list[tuple[time, time]]) -> bool:
    """One behind the other, and only the last over midnight; a whole day is `00:00-24:00`."""
    inner = [moment for span in spans for moment in span][:-1]
    begin, end = spans[-1]
    ascending = all(earlier < later for earlier, later in pairwise(inner))
    return ascending and (begin != end or begin == time(0))


def days(text: str) -> list[int]:
    """`Mon`, `Mon-Thu`, `Mon, Wed` as weekdays, 0 is Monday; raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        if end < begin:
            raise ValueError(text)
        found += range(begin, end + 1)
    return found


def _schema(described: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "description": described, **more})


_ANY_CLOCK = _schema("a duration", examples=["30 min", "7 days", "4 working hours", "1 working day"])
_PLAIN_CLOCK = _schema("a duration on the clock that always runs", examples=["30 min", "7 days", "3 months"])

AnyDuration = Annotated[Duration, PlainValidator(_either_duration), _ANY_CLOCK]
PlainDuration = Annotated[Duration, PlainValidator(_clock_duration), _PLAIN_CLOCK]
Kept = Annotated[
    Duration | None, PlainValidator(_kept), _schema("a duration, or always", examples=["25 months", "always"])
]
Zone = Annotated[ZoneInfo, PlainValidator(_zone), _schema("a time zone of the IANA", examples=["Europe/Berlin"])]
Region = Annotated[
    str, PlainValidator(_region), _schema("a country code (ISO 3166-1), or nothing", pattern="^([A-Z]{2})?$")
]
CurrencyCode = Annotated[str, PlainValidator(_currency), _schema("a currency code (ISO 4217)", pattern="^[A-Z]{3}$")]
Month = Annotated[int, PlainValidator(_month), _schema("a month", enum=list(MONTHS))]
Email = Annotated[str, PlainValidator(_email), _schema("an email address", pattern="^[^@ ]+@[^@ ]+$")]
SecretName = Annotated[
    str,
    PlainValidator(_secret_name),
    _schema("the name of a secret (baton auth set NAME)", pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
]
TimeOfDay = Annotated[
    str, PlainValidator(_time_of_day), _schema("a time of day", pattern="^([01]?[0-9]|2[0-3]):[0-5][0-9]$")
]
ReportTime = Annotated[
    str, PlainValidator(_report), _schema("a day and a time", examples=["Mon 08:00", "1st working day 08:00"])
]
Share = Annotated[float, PlainValidator(read_share), _schema("a share", examples=["50 %"], pattern="^[0-9.]+ *%$")]
Holiday = Annotated[
    str | date,
    PlainValidator(_holiday),
    _schema("a calendar's code, or a day", examples=["DE-BE", "2026-12-24"]),
]
FieldName = Annotated[str, PlainValidator(_field_name), _schema("the name of a canonical field")]
Kind = Annotated[str, PlainValidator(_kind), _schema("a kind of activity", enum=list(KINDS))]
Spans = Annotated[
    tuple[tuple[time, time], ...],
    PlainValidator(_spans),
    _schema("working hours of a day", examples=["09:00-17:30", "09:00-12:00, 13:00-18:00"]),
]
