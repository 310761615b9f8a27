"""Who wins one field of one lead, by its rule: what each side is left with, and which value is in force.

A side is marketing, whichever source speaks for it, or the CRM. A blank that was never seen filled is no word at all,
and never travels; a clearing (there was a value, and there is none any more) is one. A value in the CRM that is a copy
of marketing's (`ours`) says nothing of its own: only where a rule asks what *stands* there it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from connector.model.fields import Value

Rule = Literal["prefer_crm_unless_blank", "always_crm", "always_marketing", "newest", "fill_blank", "never"]
RULES: tuple[Rule, ...] = get_args(Rule)
DEFAULT: Rule = "prefer_crm_unless_blank"
#: What becomes of a side: it is left as it is, the other side's value is copied to it, it is cleared.
Action = Literal["leave", "copy", "clear"]
Speaker = Literal["marketing", "crm", ""]
Grade = Literal["certain", "possible", "none"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says: a value, a clearing (`cleared`), or nothing.

    It was said at `at` at the latest and after `since`, both ISO in UTC and "" where nobody knows.
    `ours`: the value is what Baton has copied there.
    """

    value: Value | None = None
    cleared: bool = False
    at: str = ""
    since: str = ""
    ours: bool = False

    @property
    def silent(self) -> bool:
        """Whether it says nothing of its own."""
        return self.ours or (self.value is None and not self.cleared)

    @property
    def grade(self) -> Grade:
        """How well it is known when this was said: certain between two times, possible before one, or not at all."""
        return "none" if not self.at else "certain" if self.since else "possible"


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows: for each side an action, and the value in force with who says it (`of`).

    `undecidable`: both say something and nobody can tell which was later; nothing changes, and `value` says nothing.
    """

    marketing: Action = "leave"
    crm: Action = "leave"
    value: Value | None = None
    of: Speaker = ""
    undecidable: bool = False


def decide(rule: str, marketing: Side, crm: Side) -> Decision:
    """What the rule says about what two sides say; a rule that is none of `RULES` is the default."""
    return _RULES.get(rule, _prefer_crm)(marketing, crm)


def later(one: Side, other: Side) -> bool:
    """Whether `one` was said after `other` for certain."""
    return bool(one.since and other.at) and one.since >= other.at


def _crm_wins(marketing: Side, crm: Side) -> Decision:
    """Its value, or its clearing, is marketing's too."""
    if crm.value is None:
        return Decision("leave" if marketing.value is None else "clear", of="crm" if crm.cleared else "")
    return Decision("leave" if marketing.value == crm.value else "copy", value=crm.value, of="crm")


def _marketing_wins(marketing: Side, crm: Side) -> Decision:
    if marketing.value is None:
        return Decision(crm="leave" if crm.value is None else "clear", of="marketing" if marketing.cleared else "")
    return Decision(crm="leave" if marketing.value == crm.value else "copy", value=marketing.value, of="marketing")


def _as_they_are(first: Side, second: Side, of: tuple[Speaker, Speaker]) -> Decision:
    """Nothing travels; the first that has a value has it in force."""
    if first.value is not None:
        return Decision(value=first.value, of=of[0])
    return Decision(value=second.value, of=of[1] if second.value is not None else "")


def _said_anew(marketing: Side, crm: Side) -> bool:
    """Whether marketing says something that was not known yet when a person cleared the field in the CRM."""
    return marketing.value is not None and marketing.at > crm.at


def _prefer_crm(marketing: Side, crm: Side) -> Decision:
    if not crm.silent and not (crm.cleared and _said_anew(marketing, crm)):
        return _crm_wins(marketing, crm)
    if marketing.value is not None:
        return _marketing_wins(marketing, crm)
    return _as_they_are(crm, marketing, ("crm", "marketing"))


def _always_crm(marketing: Side, crm: Side) -> Decision:
    if crm.value is not None or (crm.cleared and not _said_anew(marketing, crm)):
        return _crm_wins(marketing, crm)
    return _as_they_are(crm, marketing, ("crm", "marketing"))


def _always_marketing(marketing: Side, crm: Side) -> Decision:
    if marketing.value is not None or marketing.cleared:
        return _marketing_wins(marketing, crm)
    return _as_they_are(marketing, crm, ("marketing", "crm"))


def _newest(marketing: Side, crm: Side) -> Decision:
    same = marketing.value == crm.value and (marketing.value is not None or marketing.cleared == crm.cleared)
    if same or (crm.silent and marketing.silent):
        return _as_they_are(marketing, crm, ("marketing", "crm"))
    if crm.silent:
        return _marketing_wins(marketing, crm)
    if marketing.silent:
        return _crm_wins(marketing, crm)
    first, second = later(marketing, crm), later(crm, marketing)
    if first == second:
        return Decision(undecidable=True)
    return _marketing_wins(marketing, crm) if first else _crm_wins(marketing, crm)


def _fill_blank(marketing: Side, crm: Side) -> Decision:
    if crm.value is None and not crm.cleared and marketing.value is not None:
        return _marketing_wins(marketing, crm)
    if marketing.value is None and not marketing.cleared and crm.value is not None:
        return _crm_wins(marketing, crm)
    return _never(marketing, crm)


def _never(marketing: Side, crm: Side) -> Decision:
    return _as_they_are(marketing, crm, ("marketing", "crm"))


_RULES: Mapping[str, Callable[[Side, Side], Decision]] = {
    "prefer_crm_unless_blank": _prefer_crm,
    "always_crm": _always_crm,
    "always_marketing": _always_marketing,
    "newest": _newest,
    "fill_blank": _fill_blank,
    "never": _never,
}
