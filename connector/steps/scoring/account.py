"""The account of a flow at work: what people's own points come to, and when time alone changes what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from connector.model.company import Account
from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.fields import ACCOUNT_FIELDS
from connector.steps.buying_group import CHAMPION, AccountRules, Member, Part, account, compile_account, part
from connector.steps.conditions.condition import ACCOUNT_LATER, Condition, Context, Site
from connector.steps.scoring.next_change import Lines
from connector.steps.scoring.rule import Evaluate, Move, Rule
from connector.steps.scoring.totals import Totals

_FAR = 10**9
_INTEREST: Mapping[str, tuple[str, ...]] = {"fit": (), "engagement": ("total",), "intent": ("total",)}
#: The points at which a person becomes active, or is no longer.
_ACTIVE = Lines({"total": (1,)}, _FAR, _INTEREST)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One person: what they give, the moves that time will make of it, and the next moment of any other change."""

    part: Part
    moves: tuple[Move, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountCriteria:
    """How a flow makes accounts, and what it asks of them.

    `own` are the rules that ask nothing about the account: what a person's own points are made of. `asked` is all
    that is asked of it.
    """

    rules: AccountRules
    caps: Mapping[str, int]
    own: tuple[Evaluate, ...]
    asked: tuple[Condition, ...]
    lines: Lines
    by_person: bool

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that somebody can have, best first, the champion last."""
        return (*self.rules.roles, CHAMPION)

    def weigh(self, lead_id: int, facts: Facts) -> Weighed:
        """What one person gives at `facts.now`."""
        moves: list[Move] = []
        given = [one for evaluate in self.own if (one := evaluate(facts, moves)) is not None]
        role = self.rules.role(facts)
        found = part(Member(lead_id, role, given), self.rules, self.caps)
        ends = [at for one in self.rules.roles.values() if (at := one.expires(facts)) is not None]
        later = [facts.later] if facts.later is not None else []
        return Weighed(found, tuple(moves), min([*ends, *later], default=None))

    def account(self, people: Iterable[Weighed]) -> Account:
        """What they come to."""
        return account((one.part for one in people), self.rules)

    def answers(self, of: Account | None, now: datetime) -> tuple[bool, ...]:
        """The answer to everything that is asked of an account (None: nobody knows of one)."""
        facts = Facts(now, of.fields() if of is not None else {})
        return tuple(one.test(facts) for one in self.asked)

    def changes_at(self, people: Sequence[Weighed], total: int) -> datetime | None:
        """The earliest moment at which time alone could change an answer; never too late, None for never."""
        if not self.asked:
            return None
        found = [one.until for one in people if one.until is not None]
        crossed = self.lines.first_crossed([move for one in people for move in one.moves], {"total": total}, {})
        found += [crossed] if crossed is not None else []
        for one in people if self.by_person else ():
            at = _ACTIVE.first_crossed(list(one.moves), {"total": one.part.interest}, {})
            found += [at] if at is not None else []
        return min(found, default=None)


def compile_account_criteria(
    table: Mapping[str, Any], path: Path, context: Context, rules: Iterable[Rule], totals: Totals
) -> AccountCriteria:
    """Compile the `account` table of a flow; `context` has compiled all that may ask about the account."""
    inner = Context(
        context.problems, context.named, context.lists, context.kinds, scores=False, sites=context.sites,
        account=ACCOUNT_LATER,
    )  # fmt: skip
    compiled = compile_account(table["account"], (*path, "account"), inner)
    own = tuple(rule.evaluate for rule in rules if not asks_account(rule))
    points = _lines(context.sites)
    by_person = any(one.what == "account" and one.name in ("account.active", "account.roles") for one in context.sites)
    touched = dict.fromkeys(_INTEREST, ("total",))
    asked = tuple(context.asked_of_account)
    return AccountCriteria(compiled, totals.caps, own, asked, Lines({"total": points}, _FAR, touched), by_person)


def asks_account(rule: Rule) -> bool:
    """Whether a rule asks about the account: its points are no part of the account's."""
    return not rule.uses.fields.isdisjoint(ACCOUNT_FIELDS)


def _lines(sites: Iterable[Site]) -> tuple[int, ...]:
    """The points of an account at which an answer changes."""
    found: set[int] = set()
    for site in sites:
        if site.what == "account" and site.name == "account.score":
            given = site.wanted if isinstance(site.wanted, list) else [site.wanted]
            numbers = [ceil(one) for one in given if type(one) in (int, float) and abs(one) < _FAR]
            found.update(one for number in numbers for one in (number, number + 1))
    return tuple(sorted(found))
