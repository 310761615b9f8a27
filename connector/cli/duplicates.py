"""`baton duplicates`: leads that may be one person, what people decide about them, and taking that back."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from connector.cli.duplicates_text import (
    STATES,
    apart_lines,
    decided_lines,
    joined_lines,
    open_lines,
    same_lines,
    undo_lines,
)
from connector.cli.faults import NUMBER, Mistake
from connector.cli.find import one_lead
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import terminal_width
from connector.cli.why import words_for

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.duplicates import SideBySide
    from connector.model.joining import Pair
    from connector.model.lead import Lead
    from connector.model.ports import Transaction
    from connector.runs.take_apart import Apart
    from connector.steps.telling.words import Words

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
COMMANDS = {
    "list": Entry("connector.cli.duplicates:list_pairs", "List those that wait (what it does by itself)."),
    "show": Entry("connector.cli.duplicates:show", "Show both leads of a pair side by side."),
    "same": Entry("connector.cli.duplicates:same", "They are one person: make one lead of them."),
    "different": Entry("connector.cli.duplicates:different", "They are two people: do not ask again."),
    "undo": Entry("connector.cli.duplicates:undo", "Take back what was decided about a pair."),
    "decided": Entry("connector.cli.duplicates:decided", "List what people have decided."),
    "joined": Entry("connector.cli.duplicates:joined", "List leads that were made one."),
    "apart": Entry("connector.cli.duplicates:apart", "Make two leads again of one."),
}
#: How many lines are listed at once, unless told.
LISTED = 50
#: Notices that are looked through.
NOTICES = 5000

#: Why something cannot be decided, by the reasons of `DecisionError`.
WHYS = {
    "no_pair": N_("no pair %(pair)s; baton duplicates lists those that wait"),
    "decided": N_("pair %(pair)s was decided by %(by)s (%(state)s); first: baton duplicates undo %(pair)s"),
    "over": N_("pair %(pair)s is over: its leads are one by now, or are alike no longer, or one was forgotten"),
    "not_theirs": N_("lead %(lead)s is not of this pair; --keep is %(one)s or %(other)s"),
    "further": N_("lead %(lead)s is further in sales, and stays; leave --keep out"),
    "not_decided": N_("pair %(pair)s was not decided by anybody"),
    "no_joining": N_("no joining %(joining)s that can be taken apart; baton duplicates joined lists them"),
    "apart": N_("joining %(joining)s was taken apart by %(by)s before"),
    "too_old": N_("what leads were before joining %(joining)s is kept no more ([keep] images)"),
    "first": N_("one of the two was joined again since; first: baton duplicates apart %(first)s"),
}

Function = TypeVar("Function", bound=Callable[..., Any])


def by_option(command: Function) -> Function:
    """Who decides: the login, unless it is said."""
    return click.option("--by", default="", metavar="WHO", help="Who decides; your login, unless you say.")(command)


def limit_option(command: Function) -> Function:
    """How many are listed."""
    shown = click.option("--limit", default=LISTED, show_default=True, type=click.IntRange(min=1), help="How many.")
    return shown(command)


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@limit_option
@output_option
@click.pass_context
def duplicates(ctx: click.Context, limit: int) -> None:
    """Leads that may be one person; and records that people are to merge in a CRM.

    What matching finds surely alike is made one lead without asking; see `baton duplicates joined`.
    """
    if ctx.invoked_subcommand is None:
        list_open(ctx.ensure_object(Session), limit)


@click.command("list")
@limit_option
@output_option
@pass_session
def list_pairs(session: Session, limit: int) -> None:
    """List the pairs that wait for a decision, in the order in which they were found."""
    list_open(session, limit)


def list_open(session: Session, limit: int) -> None:
    """The pairs that wait, and what is there twice in a CRM."""
    from connector.runs.decide import to_merge

    with session.opened() as app, app.store.read() as tx:
        words = words_for(session, app)
        pairs, counts, merges = tx.pairs.open(limit), tx.pairs.counts(), to_merge(tx)
        twice = [one for one in tx.reviews.open("notice", NOTICES) if one.key.startswith("duplicate:")]
        leads = leads_of(tx, pairs)
        document = {
            "pairs": [pair_document(one, leads, words) for one in pairs],
            "to_merge": merges,
            "twice": [
                {"connection": one.connection, "lead": one.lead_id, "records": one.body["records"]} for one in twice
            ],
            "counts": {state: counts.get(state, 0) for state in STATES},
        }
        session.emit(document, lambda: open_lines(words, pairs, leads, merges, twice, counts))


def leads_of(tx: Transaction, pairs: Sequence[Pair]) -> dict[int, Lead]:
    """The leads of pairs."""
    ids = sorted({lead_id for one in pairs for lead_id in one.one_other})
    return tx.intake.leads(ids) if ids else {}


def pair_document(pair: Pair, leads: Mapping[int, Lead], words: Words) -> dict[str, Any]:
    """A pair for JSON."""
    from connector.insight.duplicates import name_of
    from connector.runs.side_by_side import first_reason

    return {
        "number": pair.id,
        "leads": [{"lead": id, "name": name_of(leads[id]) if id in leads else ""} for id in pair.one_other],
        "points": pair.points,
        "band": pair.band,
        "state": pair.state,
        "reason": first_reason(pair, words),
        "note": pair.note,
        "decided_by": pair.decided_by,
        "decided_at": pair.decided_at,
        "found_at": pair.first_at,
    }


@click.command()
@click.argument("pair", type=NUMBER)
@output_option
@pass_session
def show(session: Session, pair: int) -> None:
    """Show both leads of PAIR side by side: fields, who knows them, and the points."""
    from connector.insight.duplicates import render, to_json

    with session.opened() as app:
        words = words_for(session, app)
        with app.store.read() as tx:
            told = side_by_side(session, app, tx, pair, words)
        session.emit(to_json(told), lambda: render(told, words, terminal_width()))


def side_by_side(session: Session, app: App, tx: Transaction, number: int, words: Words) -> SideBySide:
    """A pair, told. Raises Mistake where there is none."""
    from connector.runs import side_by_side as run

    told = run.side_by_side(tx, app.config, number, words)
    if told is None:
        raise Mistake(session.translate(WHYS["no_pair"]) % {"pair": number})
    return told


@click.command()
@click.argument("pair", type=NUMBER)
@click.option("--keep", metavar="LEAD", default="", help="The lead that stays: whose values come first.")
@click.option("--note", default="", help="Why, for whoever looks later.")
@by_option
@output_option
@pass_session
def same(session: Session, pair: int, keep: str, note: str, by: str) -> None:
    """The leads of PAIR are one person: one of them is both from now on, the one that is further in sales.

    Links, activities and what was said of consent come together, the score is made anew. `baton duplicates undo
    PAIR` takes it back.
    """
    from connector.runs import decide

    with session.opened() as app:
        kept = one_lead(session, app, keep) if keep else 0
        with deciding(session), app.store.write() as tx:
            made = decide.same(tx, app.config, pair, by or getpass.getuser(), app.clock(), keep=kept, note=note)
            merges = [one for one in decide.to_merge(tx) if one.joining == made.id]
        words = words_for(session, app)
        document = {"pair": pair, "lead": made.winner, "was": made.loser, "joining": made.id, "to_merge": merges}
        session.emit(document, lambda: same_lines(words, pair, made, merges))


@contextmanager
def deciding(session: Session) -> Iterator[None]:
    """Says in one line why something cannot be decided."""
    from connector.runs.decide import DecisionError

    try:
        yield
    except DecisionError as error:
        _ = session.translate
        told = {name: _(STATES[str(one)]) if name == "state" else one for name, one in error.about.items()}
        raise Mistake(_(WHYS[error.why]) % told) from None


@click.command()
@click.argument("pair", type=NUMBER)
@click.option("--note", default="", help="Why, for whoever looks later.")
@by_option
@output_option
@pass_session
def different(session: Session, pair: int, note: str, by: str) -> None:
    """The leads of PAIR are two people: they stay two, and nobody is asked again."""
    from connector.runs import decide

    with session.opened() as app:
        with deciding(session), app.store.write() as tx:
            said = decide.different(tx, pair, by or getpass.getuser(), app.clock(), note=note)
        what = session.translate("pair %(pair)s: two people; to take it back: baton duplicates undo %(pair)s")
        session.emit(
            {"pair": pair, "leads": said.one_other, "state": said.state, "by": said.decided_by},
            lambda: [what % {"pair": pair}],
        )


@click.command()
@click.argument("pair", type=NUMBER)
@by_option
@output_option
@pass_session
def undo(session: Session, pair: int, by: str) -> None:
    """Take back what was decided about PAIR: it waits again, and who was made one by that is two again."""
    from connector.runs import decide

    with session.opened() as app:
        with deciding(session), app.store.write() as tx:
            again, done = decide.undo(tx, pair, by or getpass.getuser(), app.clock())
        words = words_for(session, app)
        document = {"pair": pair, "state": again.state, "apart": apart_document(done) if done else None}
        session.emit(document, lambda: undo_lines(words, pair, done))


@click.command()
@limit_option
@output_option
@pass_session
def decided(session: Session, limit: int) -> None:
    """List what people have decided about pairs, the latest first."""
    with session.opened() as app, app.store.read() as tx:
        words = words_for(session, app)
        pairs = tx.pairs.decided(limit)
        leads = leads_of(tx, pairs)
        document = {"pairs": [pair_document(one, leads, words) for one in pairs]}
        session.emit(document, lambda: decided_lines(words, pairs, leads))


@click.command()
@limit_option
@output_option
@pass_session
def joined(session: Session, limit: int) -> None:
    """List leads that were made one, the latest first: by whom, and whether it was taken back."""
    with session.opened() as app, app.store.read() as tx:
        words = words_for(session, app)
        found = tx.joinings.latest(limit)
        document = {
            "joinings": [
                {
                    "number": one.id, "lead": one.winner, "was": one.loser, "how": one.how, "by": one.by, "at": one.at,
                    "undone_at": one.undone_at, "undone_by": one.undone_by,
                }
                for one in found
            ]
        }  # fmt: skip
        session.emit(document, lambda: joined_lines(words, found))


@click.command()
@click.argument("joining", type=NUMBER)
@by_option
@output_option
@pass_session
def apart(session: Session, joining: int, by: str) -> None:
    """Take JOINING back: two leads again, each with its records, activities, stage and handoffs.

    What was done since stays with the record that did it. They are remembered as two people.
    """
    from connector.runs import decide

    with session.opened() as app:
        with deciding(session), app.store.write() as tx:
            done = decide.apart(tx, joining, by or getpass.getuser(), app.clock())
        words = words_for(session, app)
        session.emit(apart_document(done), lambda: apart_lines(words, done))


def apart_document(done: Apart) -> dict[str, Any]:
    """What came of taking apart, for JSON."""
    one = done.joining
    records = [{"connection": connection, "object": object, "id": id} for connection, object, id in done.gone]
    return {
        "joining": one.id, "leads": [one.winner, one.loser], "gone": records, "handoffs_stay": done.stays,
        "handoffs_over": done.over,
    }  # fmt: skip
