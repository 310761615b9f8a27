"""Sync health: the latest runs, how far behind each connection is, what waits, what failed, and the calls left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.locale.format import number, span
from connector.model.notices import TARGET
from connector.model.ports import BudgetLine, Run
from connector.runs.failing import failing
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, job_name
from connector.web.sheets.sheet import Look, Part, Sheet, Tile
from connector.web.tables import Column, Grid

#: Rows of the outbox that have ended.
ENDED = ("done", "superseded", "dropped")
#: What waits for a person, by the kind of it.
WAITS: Mapping[str, str] = {
    "set_aside": N_("records and fields set aside"), "missing_fields": N_("leads that lack required fields"),
    "parked_flow": N_("flows that are parked"), "notice": N_("notices"),
}  # fmt: skip


def health(look: Look) -> Sheet:
    """The page, for admins."""
    say = look.words.say
    outbox = {key: count for key, count in look.tx.outbox.counts().items() if key[1] not in ENDED}
    waits, fails = look.tx.reviews.counts(), failing(look.tx)
    tiles = [
        Tile(say(N_("jobs that fail")), number(len(fails))),
        Tile(say(N_("waits to be sent")), number(sum(count for key, count in outbox.items() if key[1] == "waiting"))),
        Tile(say(N_("refused for good")), number(sum(count for key, count in outbox.items() if key[1] == "dead"))),
        Tile(say(N_("waits for a person")), number(sum(waits.values()))),
    ]
    about = N_("How Baton itself is: from its store alone, nothing is asked of any platform.")
    parts = [_failing(look), _runs(look), _outbox(look, outbox), _waits(look, waits), _budgets(look)]
    return Sheet(say(about), parts, tiles)


def _failing(look: Look) -> Part:
    words = look.words
    say = words.say
    title = say(N_("What fails"))
    columns = [
        Column("job", say(N_("job"))), Column("since", say(N_("since")), "moment"),
        Column("what", say(N_("what went wrong"))),
        Column("mend", say(N_("what mends it"))),
    ]  # fmt: skip
    table = [
        (job_name(one.job, words.translate), one.since, words.retell(one.what), one.mend) for one in failing(look.tx)
    ]
    return Part(title, Grid("failing", title, columns, table, nothing=say(N_("Nothing fails."))))


def _runs(look: Look) -> Part:
    words = look.words
    say = words.say
    title = say(N_("Runs"))
    columns = [
        Column("run", say(N_("run"))), Column("connection", say(N_("connection"))),
        Column("started", say(N_("started")), "moment"), Column("took", say(N_("took")), "span"),
        Column("age", say(N_("ended before")), "span"), Column("result", say(N_("result"))),
        Column("read", say(N_("read")), "count"), Column("set_aside", say(N_("set aside")), "count"),
    ]  # fmt: skip
    table = [_run(look, one) for one in look.tx.looking.last_runs()]
    note = say(N_("The latest of each kind and connection. A run that goes on has no end."))
    return Part(title, Grid("runs", title, columns, table, note, nothing=say(N_("Nothing has run yet."))))


def _run(look: Look, one: Run) -> tuple[object, ...]:
    words, ended = look.words, one.ended_at
    result = words.say(N_("goes on")) if ended is None else words.translate(one.result)
    read = one.counts.get("contacts read", 0) + one.counts.get("activities read", 0)
    return (
        job_name(one.kind, words.translate), one.connection, one.started_at,
        None if ended is None else (ended - one.started_at).total_seconds(),
        None if ended is None else max(0.0, (look.now - ended).total_seconds()),
        result, read, one.counts.get("set aside", 0),
    )  # fmt: skip


def _outbox(look: Look, counts: Mapping[tuple[str, str], int]) -> Part:
    words = look.words
    say = words.say
    title = say(N_("Waits to be written"))
    columns = [
        Column("target", say(N_("connection"))), Column("state", say(N_("state"))),
        Column("rows", say(N_("rows")), "count"),
        Column("since", say(N_("the oldest since")), "moment"),
    ]  # fmt: skip
    oldest: dict[tuple[str, str], datetime] = {}
    for one in look.tx.reports.held_up():
        key = one.target, one.state
        oldest[key] = min(one.since, oldest.get(key, one.since))
    table = [
        (
            say(N_("notices")) if target == TARGET else target,
            words.translate(vocabulary.ROW_STATES.get(state, state)),
            count, oldest.get((target, state)),
        )
        for (target, state), count in sorted(counts.items())
    ]  # fmt: skip
    note = say(N_("The oldest is told of rows that were tried, or that wait for another one."))
    return Part(title, Grid("outbox", title, columns, table, note, nothing=say(N_("Everything has been written."))))


def _waits(look: Look, counts: Mapping[str, int]) -> Part:
    say = look.words.say
    title = say(N_("Waits for a person"))
    columns = [Column("kind", say(N_("what"))), Column("count", say(N_("how many")), "count")]
    table = [(say(WAITS.get(kind, kind)), count) for kind, count in sorted(counts.items())]
    return Part(title, Grid("waits", title, columns, table, nothing=say(N_("Nothing waits for a person."))))


def left(one: BudgetLine, now: datetime) -> int:
    """How many calls a limit has left now: all, where its window is over."""
    over = one.since + timedelta(seconds=one.seconds) <= now
    return one.limit if over else max(0, one.limit - one.used)


def _budgets(look: Look) -> Part:
    words = look.words
    say = words.say
    title = say(N_("Calls that are left"))
    columns = [
        Column("account", say(N_("account"))), Column("rate", say(N_("limit"))),
        Column("left", say(N_("left")), "count"),
        Column("of", say(N_("of")), "count"), Column("per", say(N_("per"))),
        Column("parked", say(N_("not called before")), "moment"),
    ]  # fmt: skip
    table = [
        (
            one.account, one.rate, left(one, look.now), one.limit,
            span(one.seconds, words.language) if one.seconds >= 60 else f"{one.seconds:g} s",
            one.parked_until if one.parked_until and one.parked_until > look.now else None,
        )
        for one in look.tx.budgets.standing()
        if one.rate or one.parked_until
    ]  # fmt: skip
    return Part(title, Grid("budgets", title, columns, table, nothing=say(N_("No call has been counted."))))
