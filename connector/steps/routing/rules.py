"""Who gets a lead: rules in order, then whoever's turn it is in the team.

The first rule whose condition holds decides. A rule that names one person (an email, or the
account's owner) passes on to the next rule where that person is away or not known; a rule that
names a team is final, and where nobody in it is there, `nobody_there` says what happens. A
limit of open handoffs counts for turns only: whoever is named in person gets the lead. Who is
away and has a deputy is there in their person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from connector.model.errors import Path, Problem, Problems
from connector.model.facts import Facts
from connector.model.roster import Roster
from connector.steps.conditions.condition import Condition
from connector.steps.routing import turns as ledger
from connector.steps.routing.turns import Ring
from connector.steps.telling import routed as reasons
from connector.steps.telling.words import N_, Translate, sentence

ACCOUNT_OWNER = "account owner"
NEXT_BACK = "next to be back"
NEXT_RULE = "next rule"
MANAGER = "manager"

Target = Literal["account owner", "person", "team"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of `order`. `number` counts from 1; no `when` takes everyone."""

    number: int
    when: Condition | None
    to: str
    target: Target


@dataclass(frozen=True, slots=True)
class NobodyThere:
    """What happens where a team's rule holds and nobody in the team can take the lead.

    `give_to`: `next to be back` (it waits, and is routed again), `next rule`, a team, or a
    person's email. `tell`: who hears of it.
    """

    give_to: str = NEXT_BACK
    tell: str = MANAGER


@dataclass(frozen=True, slots=True)
class Routing:
    """A flow's compiled rules."""

    rules: tuple[Rule, ...]
    nobody_there: NobodyThere = NobodyThere()


@dataclass(frozen=True, slots=True)
class Routed:
    """What came of routing. `owner` "" means that nobody is there.

    `rule` names the rule for the ledger (`rule 2`), `words` says why for people. Where it was a
    turn, `turn` is (turns given before, the ring as the ledger writes it), `of` whose turn it was (`owner`, or
    for whom `owner` stands in), and `ring` what the team's ring is afterwards: the next lead is routed on that.
    `asked` is the team of which nobody was there.
    """

    owner: str
    team: str = ""
    rule: str = ""
    words: str = ""
    turn: tuple[int, str] | None = None
    ring: Ring | None = None
    of: str = ""
    asked: str = ""


# --- from the table to rules ---


def compile_routing(
    table: Any,
    *,
    path: Path,
    problems: Problems,
    teams: Collection[str],
    compile: Callable[[Any, Path], Condition],
) -> Routing:
    """Compile `{order = [{when, to}, ...], nobody_there = {give_to, tell}}`; problems are added at `path`.

    `compile` makes a condition of a `when` at its path and reports its own problems.
    """
    if not isinstance(table, Mapping):
        problems.add(path, "routing is a table with `order`, a list of rules")
        return Routing(())
    for key in table.keys() - {"order", "nobody_there"}:
        problems.unknown((*path, key), key, ("order", "nobody_there"))
    order = table.get("order")
    if not isinstance(order, list) or not order:
        problems.add((*path, "order"), 'a list of rules is needed, such as [{ to = "my-team" }]')
        order = []
    reader = _Reader(problems, teams, compile)
    rules = [reader.rule(index, rule, (*path, "order", index)) for index, rule in enumerate(order)]
    nobody = reader.nobody_there(table.get("nobody_there", {}), (*path, "nobody_there"))
    return Routing(tuple(rule for rule in rules if rule), nobody)


@dataclass(frozen=True, slots=True)
class _Reader:
    problems: Problems
    teams: Collection[str]
    compile: Callable[[Any, Path], Condition]

    def rule(self, index: int, table: Any, path: Path) -> Rule | None:
        if not isinstance(table, Mapping):
            self.problems.add(path, 'a rule is a table such as { when = {...}, to = "my-team" }')
            return None
        for key in table.keys() - {"when", "to"}:
            self.problems.unknown((*path, key), key, ("when", "to"))
        when = self.compile(table["when"], (*path, "when")) if "when" in table else None
        if "to" not in table:
            self.problems.add(path, 'a rule says `to` whom: a team, a person\'s email, or "account owner"')
            return None
        target = self._target(table["to"], (*path, "to"), (ACCOUNT_OWNER,))
        return Rule(index + 1, when, str(table["to"]), target) if target else None

    def nobody_there(self, table: Any, path: Path) -> NobodyThere:
        if not isinstance(table, Mapping):
            self.problems.add(path, 'a table such as { give_to = "next to be back", tell = "manager" } is needed')
            return NobodyThere()
        for key in table.keys() - {"give_to", "tell"}:
            self.problems.unknown((*path, key), key, ("give_to", "tell"))
        give_to, tell = table.get("give_to", NEXT_BACK), table.get("tell", "manager")
        if give_to not in (NEXT_BACK, NEXT_RULE):
            self._target(give_to, (*path, "give_to"), (NEXT_BACK, NEXT_RULE))
        if not isinstance(tell, str) or not (tell == "manager" or "@" in tell):
            self.problems.add((*path, "tell"), 'who is told is "manager" or a person\'s email')
        return NobodyThere(str(give_to), str(tell))

    def _target(self, to: Any, path: Path, words: Sequence[str]) -> Target | None:
        if not isinstance(to, str) or not to.strip():
            self.problems.add(path, "a team, a person's email, or %(words)s is needed", words=", ".join(words))
        elif to == ACCOUNT_OWNER and to in words:
            return "account owner"
        elif to in self.teams:
            return "team"
        elif "@" in to:
            return "person"
        else:
            self.problems.unknown(path, to, (*self.teams, *words), "team")
        return None


def lint_routing(routing: Routing, path: Path) -> list[Problem]:
    """What can be compiled and is still a mistake: leads that no rule takes, rules that are never reached."""
    found = []
    order = (*path, "order")
    if not routing.rules:
        return []
    last = routing.rules[-1]
    if last.when is not None or last.target != "team":
        what = N_("no rule takes everyone who is left; add a last one with `to` = a team and without `when`")
        found.append(Problem((*order, last.number - 1), what))
    for rule in routing.rules:
        if rule.when is None and rule.target == "team" and routing.nobody_there.give_to != NEXT_RULE:
            later = [other.number for other in routing.rules if other.number > rule.number]
            what = N_("never reached: rule %(number)s before it takes everyone")
            found += [Problem((*order, number - 1), what, values={"number": rule.number}) for number in later]
            break
    return found


# --- from facts to an owner ---


def route(
    facts: Facts,
    routing: Routing,
    roster: Roster,
    turns: Mapping[str, Ring],
    open_by_owner: Mapping[str, int],
    translate: Translate = str,
    users: Collection[str] | None = None,
    *,
    hot: bool = False,
) -> Routed:
    """Who gets the lead with these facts, and why. A hot one goes to somebody who works now, while anybody does.

    `turns` holds each team's ring (`steps.routing.turns.from_ledger`), `open_by_owner` the number of
    open handoffs by email. Neither is changed. `users` are emails of those who may own anything in the
    CRM, where that is known: nobody else is named by a rule.
    """
    return _Router(facts, routing, roster, turns, open_by_owner, translate, users, hot).run()


def ring_before(ring: Ring, team: str, roster: Roster) -> tuple[ledger.Place, ...]:
    """The ring of a team before a turn that somebody decides: all who are there, whatever they have in hand."""
    members = roster.members(team)
    takers = {one.email: roster.stand_in(one.email) for one in members}
    deputies = {email: taker for email, taker in takers.items() if taker != email}
    return ledger.places(ring, members, [one for one in members if takers[one.email]], deputies)


def next_turn(
    team: str,
    roster: Roster,
    turns: Mapping[str, Ring],
    open_by_owner: Mapping[str, int],
    translate: Translate = str,
    users: Collection[str] | None = None,
    *,
    hot: bool = False,
    nobody_there: NobodyThere = NobodyThere(),
) -> Routed:
    """Whose turn it is in one team, whatever the rules say; everything as in `route`.

    Where nobody else is there, it goes to the team or person of `nobody_there`, if that names one.
    """
    nothing = Facts(datetime.min.replace(tzinfo=UTC), {})
    router = _Router(nothing, Routing((), nobody_there), roster, turns, open_by_owner, translate, users, hot)
    return router.next_of(team)


@dataclass(slots=True)
class _Router:
    facts: Facts
    routing: Routing
    roster: Roster
    turns: Mapping[str, Ring]
    open_by_owner: Mapping[str, int]
    translate: Translate
    users: Collection[str] | None = None
    hot: bool = False
    passed_over: list[str] = field(default_factory=list)
    asked: str = ""

    def run(self) -> Routed:
        for rule in self.routing.rules:
            if rule.when is not None and not rule.when.test(self.facts):
                continue
            routed = self._team(rule) if rule.target == "team" else self._person(rule)
            if routed is not None:
                return routed
        return self.nobody("", self._say(reasons.NO_RULE) if not self.passed_over else "")

    def _person(self, rule: Rule) -> Routed | None:
        named = self.facts.account_owner if rule.target == "account owner" else rule.to
        if not named:
            return None
        owner = self.roster.stand_in(named)
        if not owner:
            self.passed_over.append(self._why(rule, named) + ": " + self._say(reasons.AWAY))
            return None
        if (rule.target == "person" or owner != named) and not self._is_user(owner):
            self.passed_over.append(self._why(rule, owner) + ": " + self._say(reasons.NO_USER))
            return None
        to = self._say(reasons.ACCOUNT_OWNER, email=named) if rule.target == "account owner" else named
        return Routed(owner, "", _name(rule), self._words(self._why(rule, to), self._instead_of(named, owner)))

    def _team(self, rule: Rule) -> Routed | None:
        why = self._why(rule, rule.to)
        routed = self.turn(rule.to, _name(rule), why)
        if routed is not None:
            return routed
        self.passed_over.append(why + ": " + self.absences(rule.to))
        give_to = self.routing.nobody_there.give_to
        if give_to == NEXT_RULE:
            self.asked = rule.to
            return None
        return self._instead(give_to, _name(rule), rule.to)

    def next_of(self, team: str) -> Routed:
        """The next turn of a team, else what is done where nobody is there."""
        if routed := self.turn(team, ledger.BY_TURN, ""):
            return routed
        self.passed_over.append(f"{team}: {self.absences(team)}")
        give_to = self.routing.nobody_there.give_to
        if give_to in (NEXT_BACK, NEXT_RULE, team):
            return self.nobody(ledger.BY_TURN, "")
        return self._instead(give_to, ledger.BY_TURN, team)

    def _instead(self, give_to: str, rule: str, team: str) -> Routed:
        """Where nobody in the team is there: to another team or person, or to nobody yet."""
        self.asked = team
        if give_to == NEXT_BACK:
            return self.nobody(rule, self._waits(team))
        why = self._say(reasons.INSTEAD, to=give_to)
        if "@" not in give_to:
            return self.turn(give_to, rule, why) or self.nobody(rule, f"{why}: {self.absences(give_to)}")
        owner = self.roster.stand_in(give_to)
        if not owner:
            return self.nobody(rule, f"{why}: " + self._say(reasons.AWAY))
        if not self._is_user(owner):
            return self.nobody(rule, f"{why}: " + self._say(reasons.NO_USER))
        return Routed(owner, "", rule, self._words(why, self._instead_of(give_to, owner)))

    def _waits(self, team: str) -> str:
        back = self.roster.next_back(team)
        if back is None:
            return self._say(reasons.NEXT_BACK)
        when = f"{back[1]:%Y-%m-%d %H:%M}"
        return self._say(reasons.NEXT_BACK_AT, email=back[0], when=when)

    def turn(self, team: str, rule: str, why: str) -> Routed | None:
        """The next turn of a team, None where nobody can take it."""
        members = self.roster.members(team)
        before, narrowed = self.turns.get(team, Ring()), ""
        takers = {one.email: self.roster.stand_in(one.email) for one in members}
        there = [one for one in members if self._available(takers[one.email], team)]
        if self.hot and (now := [one for one in there if self.roster.works_now(takers[one.email])]) != there and now:
            there, narrowed = now, self._say(reasons.HOT)
        deputies = {email: taker for email, taker in takers.items() if taker != email}
        places = ledger.places(before, members, there, deputies)
        email, after = ledger.take(before, places)
        if not email:
            return None
        words = self._say(
            reasons.TURN,
            email=email, count=after.counts[email], total=after.given,
        )  # fmt: skip
        owner = takers[email]
        said = self._words(why, narrowed, words, self._instead_of(email, owner))
        return Routed(owner, team, rule, said, (before.given, ledger.write(places)), after, email)

    def _instead_of(self, named: str, owner: str) -> str:
        if named == owner:
            return ""
        return self._say(reasons.STANDS_IN, email=named, deputy=owner)

    def nobody(self, rule: str, why: str) -> Routed:
        """That nobody is there, and what is done about it."""
        return Routed("", "", rule, self._words(self._say(reasons.NOBODY), why), asked=self.asked)

    def _available(self, email: str, team: str) -> bool:
        return bool(email) and not self._full(email, team) and self._is_user(email)

    def _is_user(self, email: str) -> bool:
        return self.users is None or email.casefold() in self.users

    def _full(self, email: str, team: str) -> bool:
        most = self.roster.limit(email, team)
        return most is not None and self.open_by_owner.get(email, 0) >= most

    def absences(self, team: str) -> str:
        """Why nobody of a team can take the lead."""
        members = self.roster.members(team)
        if not members:
            return self._say(reasons.NO_MEMBERS)
        takers = [taker for member in members if (taker := self.roster.stand_in(member.email))]
        away, strangers = len(members) - len(takers), sum(not self._is_user(taker) for taker in takers)
        full = len(takers) - strangers
        if strangers:
            what = reasons.ABSENT_OR_STRANGERS
            return self._say(what, away=away, full=full, strangers=strangers)
        return self._say(reasons.ABSENT, away=away, full=full)

    # words

    def _why(self, rule: Rule, to: str) -> str:
        if rule.when is None:
            return self._say(reasons.EVERYONE, number=rule.number, to=to)
        when = sentence(rule.when.explain(self.facts), self.translate)
        return self._say(reasons.RULE, number=rule.number, when=when, to=to)

    def _words(self, *parts: str) -> str:
        return "; ".join(part for part in (*self.passed_over, *parts) if part)

    def _say(self, text: str, **values: object) -> str:
        return self.translate(text) % values if values else self.translate(text)


def _name(rule: Rule) -> str:
    return f"rule {rule.number}"
