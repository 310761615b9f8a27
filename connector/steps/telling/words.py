"""Facts in words for people: in their language, on the clock of their zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from connector.locale.format import day, moment, number
from connector.locale.stored import retell
from connector.model.fields import Value, field_type
from connector.steps.conditions.condition import N_, Explained
from connector.steps.telling import vocabulary

__all__ = [
    "N_",
    "Translate",
    "Words",
    "beside",
    "explained",
    "field_name",
    "job_name",
    "kind",
    "notice_name",
    "reason_name",
    "rule_name",
    "sentence",
    "stage",
    "whole",
]

Translate = Callable[[str], str]

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")
_DURATION = re.compile(r"(\d+) ((?:working )?[a-z]+)")
_JOINED = {
    "all of these": N_("all of: %(parts)s"),
    "at least one of these": N_("one of: %(parts)s"),
    "none of these": N_("none of: %(parts)s"),
}
#: What an activity must be about, as a condition has it: `download (topic pricing, lasting 2 min)`.
_DETAILS = {
    "topic": N_("topic %(value)s"),
    "asset": N_("asset %(value)s"),
    "campaign": N_("campaign %(value)s"),
    "url": N_("url %(value)s"),
    "lasting": N_("lasting %(value)s"),
}
_BETWEEN_DETAILS = re.compile(rf", (?=(?:{'|'.join(_DETAILS)}) )")
#: "At least 1 times" is said like this.
_ONCE = {
    "%(what)s at least %(count)s times": "%(what)s",
    "%(what)s at least %(count)s times within %(within)s": N_("%(what)s within %(within)s"),
}


def kind(name: str, translate: Translate) -> str:
    """A kind of activity; one of an admin's own keeps its name, without underscores."""
    text = vocabulary.KINDS.get(name)
    return translate(text) if text else name.replace("_", " ")


def stage(name: str, translate: Translate) -> str:
    """A stage of the line."""
    return translate(vocabulary.STAGES.get(name, name))


def field_name(name: str, translate: Translate) -> str:
    """A canonical field; `custom.` and unknown ones keep their name."""
    text = vocabulary.FIELDS.get(name)
    if text:
        return translate(text)
    if name.startswith("first.") and name[6:] in vocabulary.FIELDS:
        return translate(vocabulary.FIRST) % {"field": field_name(name[6:], translate)}
    return name.removeprefix("custom.").replace("_", " ")


def reason_name(name: str, translate: Translate) -> str:
    """A reason of rejection; one of an admin's own keeps its name, without underscores."""
    text = vocabulary.CHOICES["handoff.reason"].get(name)
    return translate(text) if text else name.replace("_", " ")


def notice_name(name: str, translate: Translate) -> str:
    """What people are told of; a stage that is listened to has its own words."""
    text = vocabulary.NOTICES.get(name)
    return translate(text) if text else stage(name, translate)


def job_name(job: str, translate: Translate) -> str:
    """A run or a job of the daemon, and the connection that it works for: `pull:exports`."""
    kind, colon, rest = job.partition(":")
    if whole_name := vocabulary.RUNS.get(job):
        return translate(whole_name)
    return translate(vocabulary.RUNS.get(kind, kind)) + colon + rest


def rule_name(name: str, translate: Translate) -> str:
    """A scoring rule's own name; shipped names are in the catalogues, a cap is named by its group."""
    capped = name.removeprefix("cap: ")
    if capped != name and capped in vocabulary.SCOPES:
        return translate(N_("limit of %(group)s")) % {"group": translate(vocabulary.SCOPES[capped])}
    return translate(name)


def beside(name: str, evidence: str) -> str:
    """Evidence to stand beside a rule's name, without that name where the evidence begins with it."""
    return evidence.removeprefix(name).lstrip(", ") if evidence.startswith((f"{name}, ", f"{name} ×")) else evidence


def duration(text: str, translate: Translate) -> str:
    """A length of time that `Duration` wrote: `90 days`."""
    match = _DURATION.fullmatch(text)
    unit = vocabulary.UNITS.get(match[2]) if match else None
    return translate(unit) % {"number": match[1]} if match and unit else text


def explained(line: Explained, translate: Translate) -> str:
    """One line of an explanation, with the names of fields and kinds in words, without what was seen."""
    about = str(line.values.get("field", ""))
    values = {key: _named(key, value, about, translate) for key, value in line.values.items()}
    text = _ONCE.get(line.text, line.text) if values.get("count") == 1 else line.text
    return translate(text) % values if values else translate(text)


def sentence(tree: Explained, translate: Translate) -> str:
    """A whole explanation in one sentence; of alternatives only those that held."""
    return _in_one(tree, translate, all_of_them=False)


def whole(tree: Explained, translate: Translate) -> str:
    """A whole explanation in one sentence, with every alternative."""
    return _in_one(tree, translate, all_of_them=True)


def _in_one(tree: Explained, translate: Translate, *, all_of_them: bool) -> str:
    joined = _JOINED.get(tree.text)
    if joined is None:
        return explained(tree, translate)
    held = [child for child in tree.children if child.passed and not all_of_them]
    parts = held if held and tree.text == "at least one of these" else list(tree.children)
    if len(parts) == 1 and tree.text != "none of these":
        return _in_one(parts[0], translate, all_of_them=all_of_them)
    told = [_in_one(part, translate, all_of_them=all_of_them) for part in parts]
    if all_of_them:
        # Read by itself, it must be plain where a group ends.
        aside = translate(N_("(%(part)s)"))
        told = [
            aside % {"part": text} if part.text in _JOINED else text for part, text in zip(parts, told, strict=True)
        ]
    return translate(joined) % {"parts": translate(N_(", ")).join(told)}


def _named(key: str, value: object, about: str, translate: Translate) -> object:
    match key:
        case "wanted" if about in vocabulary.CHOICES:
            return translate(", ").join(translate(_choice(about, word)) for word in str(value).split(", "))
        case "wanted" if value in ("True", "False") and _is_boolean(about):
            return translate(N_("yes") if value == "True" else N_("no"))
        case "field":
            return field_name(str(value), translate)
        case "fields":
            return translate(", ").join(field_name(name, translate) for name in str(value).split(", "))
        case "scope":
            return translate(vocabulary.SCOPES.get(str(value), str(value)))
        case "within":
            return duration(str(value), translate)
        case "what":
            kinds, _, details = str(value).partition(" (")
            done = " / ".join(kind(name, translate) for name in kinds.split(" / "))
            if not details:
                return done
            parts = (_detail(one, translate) for one in _BETWEEN_DETAILS.split(details.removesuffix(")")))
            return translate(N_("%(done)s (%(details)s)")) % {"done": done, "details": translate(", ").join(parts)}
    return value


def _detail(text: str, translate: Translate) -> str:
    """What an activity is about, or how long it lasted: `topic pricing`, `lasting 2 min`."""
    key, _, value = text.partition(" ")
    said = _DETAILS.get(key)
    return translate(said) % {"value": duration(value, translate)} if said else text


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader is spoken to."""

    language: str
    zone: tzinfo
    translate: Translate
    now: datetime

    def say(self, text: str, /, **values: object) -> str:
        """A message with its places filled."""
        return self.translate(text) % values if values else self.translate(text)

    def retell(self, text: str) -> str:
        """A sentence that was kept in English, in this reader's language."""
        return retell(text, self.translate, self.dates_in)

    def day(self, value: date, *, year: bool | None = None) -> str:
        """A day, with its year where that is not the present one."""
        local = value.astimezone(self.zone) if isinstance(value, datetime) else value
        return day(local, self.language, year=self._other_year(local) if year is None else year)

    def moment(self, value: datetime) -> str:
        """A day and time, with the year where that is not the present one."""
        return moment(value, self.zone, self.language, year=self._other_year(value.astimezone(self.zone)))

    def _other_year(self, value: date) -> bool:
        return value.year != self.now.astimezone(self.zone).year

    def dates_in(self, text: str) -> str:
        """`text` with the ISO dates and times in it as a person writes them."""
        return _ISO.sub(lambda match: self._date_of(match[0]), text)

    def _date_of(self, text: str, told: Callable[[datetime], str] | None = None) -> str:
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return text
        return (told or self.moment)(value) if value.tzinfo else self.day(value.date())

    def value(self, name: str, value: Value) -> str:
        """A field's value."""
        if isinstance(value, bool):
            return self.translate(N_("yes")) if value else self.translate(N_("no"))
        if isinstance(value, int | float):
            return number(value)
        if isinstance(value, list):
            return ", ".join(self.value(name, one) for one in value)
        type_ = field_type(name)
        if type_ is not None and type_.kind == "country":
            return country_name(value, self.language)
        if type_ is not None and type_.kind in ("date", "datetime"):
            return self.dates_in(value)
        return self.translate(_choice(name, value)) if value else ""

    def evidence(self, text: str) -> str:
        """The evidence of a contribution: `field=value` (several), or `kind x count, latest ISO time`."""
        counted = _COUNTED.fullmatch(text)
        if counted:
            times = f" ×{counted[2]}" if counted[2] != "1" else ""
            kinds = " / ".join(kind(name, self.translate) for name in counted[1].split(" / "))
            return f"{kinds}{times}, {self.dates_in(counted[3])}"
        return ", ".join(self._field_of(part) for part in _BETWEEN_FIELDS.split(text))

    def _field_of(self, text: str) -> str:
        name, equals, value = text.partition("=")
        if name == "at_most":
            return self.say(N_("at most %(points)s"), points=value)
        if equals and field_type(name):
            return f"{field_name(name, self.translate)}: {self.value(name, _typed(name, value))}"
        return self.dates_in(text)

    def seen(self, line: Explained) -> str:
        """What was found where a condition looked, "" where it found nothing."""
        name = line.values.get("field")
        if isinstance(name, str) and line.seen:
            return self.value(name, _typed(name, line.seen))
        # The day is enough, but it is the day on the reader's clock.
        return _ISO.sub(lambda match: self._date_of(match[0], self.day), line.seen)


_COUNTED = re.compile(r"(.+) x (\d+), latest (\S+)")
_BETWEEN_FIELDS = re.compile(r", (?=[a-z_.]+=)")


def _choice(name: str, value: str) -> str:
    choices: Mapping[str, str] = vocabulary.CHOICES.get(name, vocabulary.STAGES if name == "stage" else {})
    return choices.get(value, value)


def _is_boolean(name: str) -> bool:
    type_ = field_type(name)
    return type_ is not None and type_.kind == "boolean"


def _typed(name: str, text: str) -> Any:
    """A value that was written as text, read again as its field's type; as it is where that fails."""
    type_ = field_type(name)
    if type_ is None:
        return text
    if type_.kind == "boolean" and text in ("True", "False", "true", "false"):
        return text.lower() == "true"
    if type_.kind in ("integer", "decimal"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


@cache
def _countries(language: str) -> dict[str, str]:
    from connector.steps.normalise.country_names import NAMES

    column = 3 if language == "ja" else 2
    lines = (line.split("|") for line in NAMES.strip().splitlines())
    return {names[0]: names[min(column, len(names) - 1)] for names in lines}


def country_name(code: str, language: str) -> str:
    """A country's name by its ISO code, in Japanese or English; another code as it is."""
    return _countries("ja" if language == "ja" else "en").get(code, code)
