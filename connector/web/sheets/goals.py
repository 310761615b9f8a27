"""Goals: what is asked, how far each is, and where it will end."""

from __future__ import annotations

from connector.insight.goal_words import STATES, Teller
from connector.insight.goals import GoalStanding
from connector.locale.format import number
from connector.runs.goals import standing
from connector.steps.telling.words import N_
from connector.web.charts import Chart, Series
from connector.web.sheets.sheet import Look, Part, Sheet, Tile
from connector.web.tables import Column, Grid

#: Goals whose past is drawn.
DRAWN = 6


def teller(look: Look) -> Teller:
    """Says goals to this reader."""
    words, config = look.words, look.config
    return Teller(words.translate, words.language, config.zone, config.currency.report_in)


def goals(look: Look) -> Sheet:
    """The page; `baton goals` says the same numbers."""
    words, tell = look.words, teller(look)
    say, found = words.say, standing(look.tx, look.config, look.now)
    columns = [
        Column("goal", say(N_("goal"))), Column("span", say(N_("span"))), Column("owner", say(N_("owner"))),
        Column("asked", say(N_("asked"))), Column("so_far", say(N_("so far"))), Column("by_now", say(N_("by now"))),
        Column("forecast", say(N_("at the end (80 %)"))), Column("state", say(N_("state"))),
    ]  # fmt: skip
    table = [_row(one, look, tell) for one in found]
    nothing = say(N_("No goals are set; name them under [goals] in the configuration."))
    title = say(N_("Goals"))
    grid = Grid("goals", title, columns, table, nothing=nothing)
    about = say(
        N_("Numbers to reach in the span of today. By now: what would be there at an even pace over the working days.")
    )
    past = [part for one in found[:DRAWN] if (part := _past(one, look, tell))]
    return Sheet(
        about, [Part(title, grid), *past], _tiles(found, look), [text for one in found for text in tell.notes(one)]
    )


def _tiles(found: list[GoalStanding], look: Look) -> list[Tile]:
    """How many goals are in each state, those that need somebody first."""
    states = [one.state for one in found]
    order = ("missed", "behind", "on track", "ahead", "reached")
    return [
        Tile(look.words.say(STATES[state]), number(states.count(state)), look.words.say(N_("goals")))
        for state in order
        if state in states
    ]


def _row(one: GoalStanding, look: Look, tell: Teller) -> tuple[str, ...]:
    goal = one.goal
    return (
        "– " * one.depth + goal.name, one.span.name, goal.owner, tell.asked(goal, one.target), tell.so_far(one),
        "" if one.expected is None else tell.number(goal, one.expected), tell.forecast(one),
        look.words.say(STATES[one.state]),
    )  # fmt: skip


def _past(one: GoalStanding, look: Look, tell: Teller) -> Part | None:
    """A goal in the spans before this one, against what is asked now."""
    if all(past.value is None for past in one.past):
        return None
    goal, say = one.goal, look.words.say
    values = [*(past.value for past in one.past), one.figures.value]
    names = [*(past.name for past in one.past), one.span.name]
    columns = [
        Column("span", say(N_("span"))),
        Column("value", goal.name, "decimal"),
        Column("told", say(N_("in words"))),
    ]
    table = [
        (name, value, "" if value is None else tell.number(goal, value))
        for name, value in zip(names, values, strict=True)
    ]
    series = [
        Series(goal.name, values),
        Series(say(N_("asked now")), [goal.target] * len(values), "soft"),
    ]
    title = say(N_("%(goal)s in the spans before"), goal=goal.name)
    chart = Chart("line", title, names, series, told=lambda value: tell.number(goal, value))
    return Part(title, Grid(f"past-{_slug(goal.name)}", title, columns, table), chart)


def _slug(name: str) -> str:
    """A name as it stands in an address: letters and digits of any script, the rest as hyphens."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name).split()).lower() or "goal"
