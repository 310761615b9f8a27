"""Rules in order, then turns; and in words why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from connector.model.errors import Path, Problems
from connector.model.facts import Facts
from connector.model.roster import Away, Member, Roster
from connector.steps.conditions.compiler import Condition, compile_condition
from connector.steps.routing.destination import NOBODY, Destination, destination
from connector.steps.routing.rules import (
    NobodyThere,
    Routed,
    Routing,
    compile_routing,
    lint_routing,
    next_turn,
    ring_before,
    route,
)
from connector.steps.routing.turns import Place, Ring, from_ledger, places, read, take, write

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
TEAMS = ("sdr-dach", "sdr-west")
DACH = {"when": {"field": "country", "in": ["DE", "AT", "CH"]}, "to": "sdr-dach"}
ACCOUNT = {"when": {"has": "account owner"}, "to": "account owner"}
REST = {"to": "sdr-west"}

LENA, TOM, INES = (f"{name}@northwind.example" for name in ("lena", "tom", "ines"))
ROSTER = Roster({"sdr-dach": (Member(LENA, 2), Member(TOM, open_at_most=2)), "sdr-west": (Member(INES),)})
NOBODY_HOME = Roster(ROSTER.teams, {LENA: Away()})


def compiled(table: Any) -> tuple[Routing, list[str]]:
    problems = Problems()

    def condition(when: Any, path: Path) -> Condition:
        return compile_condition(when, path=path, problems=problems, named={}, lists=lambda _name: frozenset())

    routing = compile_routing(table, path=("routing",), problems=problems, teams=TEAMS, compile=condition)
    return routing, [str(problem) for problem in problems.found]


def routed(
    fields: Mapping[str, Any],
    *order: Mapping[str, Any],
    roster: Roster = ROSTER,
    turns: Mapping[str, Ring] | None = None,
    open_by_owner: Mapping[str, int] | None = None,
    account_owner: str = "",
    nobody_there: Mapping[str, str] | None = None,
    users: Collection[str] | None = None,
    hot: bool = False,
) -> Routed:
    table: dict[str, Any] = {"order": list(order or (ACCOUNT, DACH, REST))}
    if nobody_there:
        table["nobody_there"] = nobody_there
    routing, problems = compiled(table)
    assert not problems
    facts = Facts(NOW, fields, account_owner=account_owner)
    return route(facts, routing, roster, turns or {}, open_by_owner or {}, users=users, hot=hot)


def test_the_account_owner_comes_first() -> None:
    found = routed({"country": "DE"}, account_owner="karl@northwind.example")
    assert (found.owner, found.team, found.rule, found.turn) == ("karl@northwind.example", "", "rule 1", None)
    assert found.words == ("rule 1: the account has an owner → account owner karl@northwind.example")


def test_the_first_rule_that_holds_decides() -> None:
    assert routed({"country": "AT"}).team == "sdr-dach"
    assert routed({"country": "FR"}).team == "sdr-west"
    assert routed({}).words == "rule 3: everyone → sdr-west; turn of ines@northwind.example, 1 of the team's 1"


def test_the_words_name_rule_condition_and_turn() -> None:
    ring = Ring({LENA: 6, TOM: 5})
    found = routed({"country": "DE"}, turns={"sdr-dach": ring})
    assert found.words == (
        "rule 2: country is one of DE, AT, CH → sdr-dach; turn of lena@northwind.example, 7 of the team's 12"
    )
    assert found.turn == (11, f"{LENA}=2 {TOM}=1")
    assert found.ring is not None
    assert found.ring.counts == {LENA: 7, TOM: 5}


def test_who_is_at_the_limit_or_away_has_no_turn() -> None:
    full = routed({"country": "DE"}, turns={"sdr-dach": Ring({LENA: 9})}, open_by_owner={TOM: 2})
    assert full.owner == LENA
    away = routed({"country": "DE"}, roster=NOBODY_HOME)
    assert (away.owner, away.turn) == (TOM, (0, f"{TOM}=1"))


def test_nobody_there_waits_and_says_why() -> None:
    found = routed({"country": "DE"}, roster=NOBODY_HOME, open_by_owner={TOM: 2})
    assert (found.owner, found.team, found.turn) == ("", "", None)
    assert found.words == (
        "rule 2: country is one of DE, AT, CH → sdr-dach: 1 away, 1 at their limit; "
        "nobody there; waits for the next to be back"
    )


@pytest.mark.parametrize(
    ("give_to", "owner", "team"),
    [
        ("next rule", INES, "sdr-west"),
        ("sdr-west", INES, "sdr-west"),
        ("petra@northwind.example", "petra@northwind.example", ""),
    ],
)
def test_nobody_there_can_give_elsewhere(give_to: str, owner: str, team: str) -> None:
    found = routed(
        {"country": "DE"}, roster=NOBODY_HOME, open_by_owner={TOM: 2}, nobody_there={"give_to": give_to}
    )  # fmt: skip
    assert (found.owner, found.team) == (owner, team)
    assert "1 away, 1 at their limit" in found.words


def test_a_person_who_is_away_is_passed_over() -> None:
    found = routed({"country": "DE"}, account_owner=LENA, roster=NOBODY_HOME)
    assert found.owner == TOM
    assert found.words.startswith(f"rule 1: the account has an owner → {LENA}: away; rule 2: ")


def stands_in(deputy: str, **more: Away) -> Roster:
    return Roster(ROSTER.teams, {LENA: Away(deputy=deputy), **more})


def test_the_deputy_takes_the_turns_of_who_is_away_and_the_balance_stays_theirs() -> None:
    found = routed({"country": "DE"}, roster=stands_in(INES))
    assert (found.owner, found.of, found.turn) == (INES, LENA, (0, f"{LENA}=2>{INES} {TOM}=1"))
    assert found.words.endswith(f"turn of {LENA}, 1 of the team's 1; {LENA} is away: {INES} stands in")
    assert found.ring is not None
    assert found.ring.owed == {LENA: Fraction(-1, 3), TOM: Fraction(1, 3)}


def test_who_is_named_is_stood_in_for_by_their_deputy() -> None:
    for order in ((ACCOUNT, DACH), ({"to": LENA}, DACH)):
        found = routed({"country": "DE"}, *order, account_owner=LENA, roster=stands_in(INES))
        assert (found.owner, found.turn) == (INES, None)
        assert found.words.endswith(f"{LENA}; {LENA} is away: {INES} stands in")
    found = routed({"country": "DE"}, account_owner=LENA, roster=stands_in(INES), users={TOM})
    assert found.owner == TOM


def test_a_deputy_of_a_deputy_stands_in_and_a_circle_of_them_is_nobody() -> None:
    away = {LENA: Away(deputy=TOM), TOM: Away(deputy=INES)}
    assert routed({}, {"to": LENA}, roster=Roster(ROSTER.teams, away)).owner == INES
    circle = Roster(ROSTER.teams, {LENA: Away(deputy=TOM), TOM: Away(deputy=LENA)})
    assert "2 away, 0 at their limit" in routed({"country": "DE"}, roster=circle).words


@pytest.mark.parametrize("blocked", [{"users": {TOM}}, {"open_by_owner": {INES: 3}}])
def test_a_deputy_who_cannot_take_it_is_no_help(blocked: dict[str, Any]) -> None:
    teams = {**ROSTER.teams, "sdr-west": (Member(INES, open_at_most=3),)}
    found = routed({"country": "DE"}, roster=Roster(teams, {LENA: Away(deputy=INES)}), **blocked)
    assert (found.owner, found.turn) == (TOM, (0, f"{TOM}=1"))


def test_a_hot_lead_goes_to_somebody_who_works_now_while_anybody_does() -> None:
    closed = Roster(ROSTER.teams, closed={LENA: None})
    found = routed({"country": "DE"}, roster=closed, hot=True)
    assert (found.owner, found.turn) == (TOM, (0, f"{TOM}=1"))
    assert "; hot: among those at work now; turn of tom" in found.words
    assert routed({"country": "DE"}, roster=closed).owner == LENA
    both = Roster(ROSTER.teams, closed={LENA: None, TOM: None})
    night = routed({"country": "DE"}, roster=both, hot=True)
    assert (night.owner, "hot" in night.words) == (LENA, False)
    assert routed({"country": "DE"}, roster=closed, open_by_owner={TOM: 2}, hot=True).owner == LENA


def test_nobody_there_says_who_is_back_first() -> None:
    away = {LENA: Away(NOW + timedelta(days=9)), TOM: Away(NOW + timedelta(days=2)), INES: Away(NOW)}
    found = routed({"country": "DE"}, roster=Roster(ROSTER.teams, away))
    assert found.words.endswith("2 away, 0 at their limit; nobody there; waits for the next to be back: "
                                "tom@northwind.example, 2026-12-09 08:00")  # fmt: skip


def test_the_next_turn_of_a_team_passes_over_who_is_taken_out() -> None:
    found = next_turn("sdr-dach", ROSTER.without(LENA), {}, {})
    assert (found.owner, found.of, found.rule) == (TOM, TOM, "reassign by turn")
    assert next_turn("sdr-west", ROSTER.without(INES), {}, {}).owner == ""


def test_where_nobody_is_left_for_the_next_turn_another_team_or_person_may_be_named() -> None:
    alone = ROSTER.without(INES)

    def given(give_to: str, roster: Roster = alone) -> Routed:
        return next_turn("sdr-west", roster, {}, {}, nobody_there=NobodyThere(give_to))

    found = given("sdr-dach")
    assert (found.owner, found.team, found.rule, found.asked) == (LENA, "sdr-dach", "reassign by turn", "")
    assert found.words.startswith("sdr-west: 1 away, 0 at their limit; instead → sdr-dach; turn of ")
    person = given(TOM)
    assert (person.owner, person.team, person.rule) == (TOM, "", "reassign by turn")
    assert person.words == f"sdr-west: 1 away, 0 at their limit; instead → {TOM}"
    in_place = given(TOM, Roster(alone.teams, {**alone.away, TOM: Away(deputy=LENA)}))
    assert (in_place.owner, in_place.words) == (
        LENA, f"{person.words}; {TOM} is away: {LENA} stands in",
    )  # fmt: skip
    assert next_turn("sdr-west", ROSTER, {}, {}).words == f"turn of {INES}, 1 of the team's 1"
    for give_to in ("next to be back", "next rule", "sdr-west"):
        nobody = given(give_to)
        assert (nobody.owner, nobody.rule, nobody.words) == (
            "", "reassign by turn", "sdr-west: 1 away, 0 at their limit; nobody there",
        )  # fmt: skip
    away = given("sdr-dach", Roster({"sdr-dach": (Member(LENA),)}, {LENA: Away()}))
    assert (away.owner, away.asked) == ("", "sdr-west")
    assert away.words.endswith("nobody there; instead → sdr-dach: 1 away, 0 at their limit")


def test_the_team_that_was_asked_in_vain_is_known() -> None:
    order = ({"to": "sdr-west"}, {"when": {"field": "country", "is": "AT"}, "to": "sdr-dach"})
    for give_to in ("next rule", "next to be back"):
        found = routed({}, *order, roster=ROSTER.without(INES), nobody_there={"give_to": give_to})
        assert (found.owner, found.asked) == ("", "sdr-west")


def test_a_limit_is_that_of_the_team_whose_turn_it_is() -> None:
    roster = Roster({"a": (Member(TOM, open_at_most=2),), "b": (Member(TOM, open_at_most=5),)})
    assert next_turn("a", roster, {}, {TOM: 3}).owner == ""
    assert next_turn("b", roster, {}, {TOM: 3}).owner == TOM


def test_a_lead_is_not_hot_unless_that_is_said() -> None:
    closed = Roster(ROSTER.teams, closed={LENA: None})
    assert next_turn("sdr-dach", closed, {}, {}).owner == LENA
    assert next_turn("sdr-dach", closed, {}, {}, hot=True).owner == TOM
    facts = Facts(NOW, {"country": "AT"})
    assert route(facts, compiled({"order": [DACH]})[0], closed, {}, {}).owner == LENA


def test_a_person_named_by_a_rule_gets_the_lead_past_any_limit() -> None:
    assert routed({}, {"to": TOM}, open_by_owner={TOM: 99}).owner == TOM


def test_no_rule_may_hold() -> None:
    found = routed({"country": "FR"}, DACH)
    assert (found.owner, found.words) == ("", "nobody there; no rule takes this lead")


def test_a_team_without_members_is_nobody() -> None:
    assert "the team has no members" in routed({}, REST, roster=Roster()).words


def test_alternatives_are_told_by_the_one_that_held() -> None:
    either = {"any": [{"field": "country", "is": "FR"}, {"field": "language", "is": "fr"}]}
    found = routed({"language": "fr"}, {"when": either, "to": "sdr-west"})
    assert found.words.startswith("rule 1: language is fr → sdr-west")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"order": [{"to": "sdr-dch"}]}, "routing.order.1.to: unknown team sdr-dch; did you mean sdr-dach?"),
        ({"order": [{"too": "x", "to": "sdr-dach"}]}, "routing.order.1.too: unknown key too; did you mean to?"),
        ({"order": [{"when": {"field": "contry", "is": "DE"}, "to": "sdr-dach"}]}, "unknown field contry; did you"),
        ({"order": [{"when": {"field": "country", "is": "DE"}}]}, "routing.order.1: a rule says `to` whom"),
        ({"order": [{"to": 3}]}, "routing.order.1.to: a team, a person's email"),
        ({"order": ["sdr-dach"]}, "routing.order.1: a rule is a table"),
        ({"order": []}, "routing.order: a list of rules is needed"),
        ({"order": [REST], "nobody": {}}, "routing.nobody: unknown key nobody; did you mean nobody_there?"),
        ({"order": [REST], "nobody_there": {"give_to": "account owner"}}, "nobody_there.give_to: unknown team"),
        ({"order": [REST], "nobody_there": {"tell": "someone"}}, "nobody_there.tell: who is told"),
        ({"order": [REST], "nobody_there": {"tell": 3}}, "routing.nobody_there.tell: who is told"),
        ({"order": [REST], "nobody_there": []}, "routing.nobody_there: a table such as {"),
        ({"order": [REST], "nobody_there": {"give": "x"}}, "routing.nobody_there.give: unknown key give; did you mean"),
        ({"order": [REST], "nobody_there": {"tel": "x"}}, "unknown key tel; did you mean tell?"),
        ({"oder": [REST]}, "routing.oder: unknown key oder; did you mean order?"),
        ({"order": [{"wen": {}, "to": "sdr-dach"}]}, "routing.order.1.wen: unknown key wen; did you mean when?"),
        ({"order": [{"when": {"field": "contry", "is": "DE"}, "to": "sdr-dach"}]}, "routing.order.1.when.field: "),
        ({"order": [{"to": " "}]}, "routing.order.1.to: a team, a person's email, or account owner is needed"),
        ({"order": [REST], "nobody_there": {"give_to": 3}}, "email, or next to be back, next rule is needed"),
        ([REST], "routing: routing is a table"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_where_it_stands(table: Any, problem: str) -> None:
    assert problem in "\n".join(compiled(table)[1])


def test_all_mistakes_are_reported_at_once() -> None:
    _, problems = compiled({"order": [{"to": "sdr-dch"}, {"to": "sdr-wst"}]})
    assert len(problems) == 2


def test_lint_asks_for_a_last_rule_that_takes_everyone() -> None:
    routing, _ = compiled({"order": [ACCOUNT, DACH]})
    assert [str(found) for found in lint_routing(routing, ("routing",))] == [
        "routing.order.2: no rule takes everyone who is left; add a last one with `to` = a team and without `when`"
    ]
    assert lint_routing(compiled({"order": [ACCOUNT, DACH, REST]})[0], ("routing",)) == []


def test_lint_names_rules_that_are_never_reached() -> None:
    routing, _ = compiled({"order": [REST, {"to": "sdr-dach"}]})
    assert [str(found) for found in lint_routing(routing, ("routing",))] == [
        "routing.order.2: never reached: rule 1 before it takes everyone"
    ]


STRANGER = "petra@northwind.example"


def test_who_is_no_user_of_the_crm_is_passed_over() -> None:
    found = routed({}, {"to": STRANGER}, {"to": TOM}, users={TOM, INES})
    assert (found.owner, found.team, found.rule) == (TOM, "", "rule 2")
    assert found.words == (f"rule 1: everyone → {STRANGER}: no active user of the CRM; rule 2: everyone → {TOM}")
    assert routed({}, {"to": "Tom@Northwind.example"}, users={TOM}).owner == "Tom@Northwind.example"


def test_an_accounts_owner_is_who_the_crm_says() -> None:
    assert routed({}, account_owner=STRANGER, users=set()).owner == STRANGER


def test_a_team_of_no_users_is_counted_apart() -> None:
    found = routed({"country": "DE"}, roster=NOBODY_HOME, open_by_owner={TOM: 2}, users={TOM, INES})
    assert "sdr-dach: 1 away, 1 at their limit; " in found.words
    found = routed({"country": "DE"}, roster=NOBODY_HOME, users={INES})
    assert "sdr-dach: 1 away, 0 at their limit, 1 no active users of the CRM; " in found.words
    several = Roster(
        {"sdr-west": (Member(INES), Member(LENA), Member(TOM, open_at_most=1), Member(STRANGER))}, {STRANGER: Away()}
    )
    found = routed({}, REST, roster=several, open_by_owner={TOM: 1}, users={TOM})
    assert "sdr-west: 1 away, 1 at their limit, 2 no active users of the CRM; " in found.words


@pytest.mark.parametrize(
    ("give_to", "open_by_owner", "users", "says"),
    [
        ("next to be back", {TOM: 2}, None, "nobody there; waits for the next to be back"),
        (STRANGER, {TOM: 2}, {TOM}, f"nobody there; instead → {STRANGER}: no active user of the CRM"),
        (LENA, {TOM: 2}, None, f"nobody there; instead → {LENA}: away"),
        ("sdr-west", {TOM: 2}, {TOM}, "nobody there; instead → sdr-west: 0 away, 0 at their limit, 1 no active users"),
    ],
)
def test_instead_there_may_be_nobody_either(
    give_to: str, open_by_owner: dict[str, int], users: set[str] | None, says: str
) -> None:
    found = routed(
        {"country": "DE"}, roster=NOBODY_HOME, open_by_owner=open_by_owner, users=users,
        nobody_there={"give_to": give_to},
    )  # fmt: skip
    assert (found.owner, found.team, found.rule, found.turn, found.ring) == ("", "", "rule 2", None, None)
    before = "rule 2: country is one of DE, AT, CH → sdr-dach: 1 away, 1 at their limit; "
    assert found.words.startswith(before + says)


def test_who_gets_it_instead_is_told() -> None:
    before = "rule 2: country is one of DE, AT, CH → sdr-dach: 1 away, 1 at their limit; "
    full: dict[str, Any] = {"roster": NOBODY_HOME, "open_by_owner": {TOM: 2}}
    person = routed({"country": "DE"}, nobody_there={"give_to": STRANGER}, **full)
    assert (person.rule, person.words) == ("rule 2", f"{before}instead → {STRANGER}")
    team = routed({"country": "DE"}, nobody_there={"give_to": "sdr-west"}, **full)
    assert (team.rule, team.turn) == ("rule 2", (0, f"{INES}=1"))
    assert team.words == f"{before}instead → sdr-west; turn of {INES}, 1 of the team's 1"


def test_lint_names_every_rule_that_is_never_reached_and_the_missing_last_one() -> None:
    routing, _ = compiled({"order": [REST, DACH, {"to": TOM}]})
    assert [found.path for found in lint_routing(routing, ("routing",))] == [
        ("routing", "order", 2), ("routing", "order", 1), ("routing", "order", 2),
    ]  # fmt: skip
    passes_on, _ = compiled({"order": [REST, {"to": "sdr-dach"}], "nobody_there": {"give_to": "next rule"}})
    assert lint_routing(passes_on, ("routing",)) == []
    assert lint_routing(Routing(()), ("routing",)) == []


def test_what_is_left_out_of_nobody_there_has_a_default() -> None:
    assert compiled({"order": [REST]})[0].nobody_there == NobodyThere("next to be back", "manager")
    said, _ = compiled({"order": [REST], "nobody_there": {"tell": "boss@northwind.example"}})
    assert said.nobody_there == NobodyThere("next to be back", "boss@northwind.example")
    said, _ = compiled({"order": [REST], "nobody_there": {"give_to": "sdr-dach"}})
    assert said.nobody_there == NobodyThere("sdr-dach", "manager")
    assert [
        one
        for table in ({"tell": "boss@northwind.example"}, {"give_to": "sdr-dach"}, {"give_to": "next rule"})
        for one in compiled({"order": [REST], "nobody_there": table})[1]
    ] == []


def test_rules_with_a_mistake_are_left_out_and_those_behind_them_keep_their_numbers() -> None:
    routing, problems = compiled({"order": [{"to": "sdr-dch"}, {"when": {}}, 3, REST]})
    assert ([(rule.number, rule.to) for rule in routing.rules], len(problems)) == ([(4, "sdr-west")], 4)
    assert compiled([REST])[0] == Routing(())


def test_where_every_team_passed_the_lead_on_no_rule_is_missing() -> None:
    passed_on = {"give_to": "next rule"}
    found = routed({"country": "DE"}, DACH, roster=NOBODY_HOME, open_by_owner={TOM: 2}, nobody_there=passed_on)
    before = "rule 1: country is one of DE, AT, CH → sdr-dach: 1 away, 1 at their limit; "
    assert (found.rule, found.words) == ("", f"{before}nobody there")
    assert routed({}, DACH).rule == ""
    assert routed({}, REST).rule == "rule 1"


def test_who_has_nothing_open_is_below_any_limit_but_nought() -> None:
    one, none = (Roster({"sdr-west": (Member(INES, open_at_most=most),)}) for most in (1, 0))
    assert routed({}, REST, roster=one).owner == INES
    assert routed({}, REST, roster=none).owner == ""
    assert routed({}, REST, roster=Roster()).words.startswith("rule 1: everyone → sdr-west: the team has no members; ")


def test_before_its_first_line_a_ledger_has_counts_alone() -> None:
    assert from_ledger({LENA: 2, TOM: 1}, None) == Ring({LENA: 2, TOM: 1})
    assert from_ledger({LENA: 2, TOM: 1}, None).given == 3


def test_a_line_of_the_ledger_reads_as_it_was_written() -> None:
    places = (Place("a=b:c@northwind.example", 2), Place(TOM, 1, Fraction(1, 3)), Place(INES, 0, Fraction(-1, 6)))
    assert write(places) == f"a=b:c@northwind.example=2 {TOM}=1:1/3 {INES}=0:-1/6"
    assert read(write(places)) == places
    deputised = (Place(LENA, 2, Fraction(1, 3), INES), Place(TOM, 1, deputy=INES))
    assert write(deputised) == f"{LENA}=2:1/3>{INES} {TOM}=1>{INES}"
    assert read(write(deputised)) == deputised


@pytest.mark.parametrize(
    ("weights", "turns"),
    [
        ((1, 4), "bbabb"),
        ((2, 1, 1), "abca"),
        ((3, 1, 5, 2, 7, 2), "ecaecedfecaecbedface"),
    ],
)
def test_turns_go_round_as_worked_out_by_hand(weights: tuple[int, ...], turns: str) -> None:
    members = tuple(Member(name, weight) for name, weight in zip("abcdef", weights, strict=False))
    ring, given = Ring(), ""
    for _ in turns:
        owner, ring = take(ring, places(ring, members, members))
        given += owner
    assert given == turns


def test_where_the_rules_alone_send_a_lead() -> None:
    def sent(fields: Mapping[str, Any], *order: Mapping[str, Any], account_owner: str = "") -> Destination:
        return destination(Facts(NOW, fields, account_owner=account_owner), compiled({"order": list(order)})[0])

    rules = (ACCOUNT, DACH, {"when": {"field": "country", "is": "US"}, "to": LENA}, REST)
    assert sent({"country": "AT"}, *rules, account_owner=TOM) == Destination(1, "account owner", TOM)
    assert sent({"country": "AT"}, *rules) == Destination(2, "sdr-dach")
    assert sent({"country": "US"}, *rules) == Destination(3, LENA, LENA)
    assert sent({"country": "FR"}, *rules) == Destination(4, "sdr-west")
    assert sent({"country": "FR"}, DACH) is NOBODY
    # A rule for everybody's account owner passes on where the account has none.
    everybody = {"to": "account owner"}
    assert sent({}, everybody, REST) == Destination(2, "sdr-west")
    assert sent({}, everybody) is NOBODY


def test_the_ring_before_a_turn_that_somebody_decides() -> None:
    ring = Ring({LENA: 1}, {TOM: Fraction(1, 2)})
    # However much they have in hand.
    assert ring_before(ring, "sdr-dach", ROSTER) == (Place(LENA, 2), Place(TOM, 1, Fraction(1, 2)))
    away = Roster(ROSTER.teams, {TOM: Away()})
    assert ring_before(ring, "sdr-dach", away) == (Place(LENA, 2), Place(TOM, 0, Fraction(1, 2)))
    deputised = Roster(ROSTER.teams, {TOM: Away(deputy=INES)})
    assert ring_before(ring, "sdr-dach", deputised) == (Place(LENA, 2), Place(TOM, 1, Fraction(1, 2), INES))
    assert ring_before(ring, "nobody", ROSTER) == ()
