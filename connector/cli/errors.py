"""`baton errors`: what was set aside, lacks fields, was refused or parked; try it again, or drop it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from connector.cli.faults import Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width
from connector.cli.why import words_for
from connector.runs.faults import PREFIX, Fault, Group, Wanted, all_faults, counted, grouped, of_item
from connector.runs.letters import explained, reason, where

if TYPE_CHECKING:
    from connector.app import App
    from connector.steps.telling.words import Words

COMMANDS = {
    "list": Entry("connector.cli.errors:list_errors", "List them (what `baton errors` does by itself)."),
    "retry": Entry("connector.cli.errors:retry", "Try some, or all, again."),
    "drop": Entry("connector.cli.errors:drop", "Close some for good, without using them."),
}

#: How many lines are listed at once, unless told.
LISTED = 50
#: So many of one reason are one line, with the first of them for examples.
MANY, EXAMPLES = 5, 3

Function = TypeVar("Function", bound=Callable[..., Any])


def choosing(command: Function) -> Function:
    """The options that say which of them are meant."""
    for name, help in (
        ("--flow", "Only those of this flow."),
        ("--target", "Only those of this connection."),
        ("--object", "Only those about this object: lead, task, contact."),
        ("--reason", "Only those of this reason: a code, or some of its words."),
    ):
        command = click.option(name, default="", help=help)(command)
    return command


_limited = click.option(
    "--limit", default=LISTED, show_default=True, type=click.IntRange(min=1), help="How many lines to list."
)


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@_limited
@click.option("--each", is_flag=True, help="List each by itself, also where many have one reason.")
@choosing
@output_option
@click.pass_context
def errors(ctx: click.Context, limit: int, each: bool, reason: str, object: str, target: str, flow: str) -> None:
    """List, retry or drop what was set aside or refused.

    Numbers are set-aside records, leads that lack required fields, parked flows and notices; `out-17` is a
    write that the CRM refused, or whose fate only a person can tell.
    """
    if ctx.invoked_subcommand is None:
        show(ctx.ensure_object(Session), limit, each, Wanted(reason, object, target, flow))


@click.command("list")
@_limited
@click.option("--each", is_flag=True, help="List each by itself, also where many have one reason.")
@choosing
@output_option
@pass_session
def list_errors(session: Session, limit: int, each: bool, reason: str, object: str, target: str, flow: str) -> None:
    """List what waits for a person, oldest first."""
    show(session, limit, each, Wanted(reason, object, target, flow))


def show(session: Session, limit: int, each: bool, wanted: Wanted) -> None:
    """Everything that waits for a person, at most `limit` lines of it."""
    with session.opened() as app:
        words = words_for(session, app)
        found = chosen(app, words, wanted)
        groups = [Group([one]) for one in found] if each else folded(found)
        heads = [one for group in groups[:limit] for one in group.faults[:EXAMPLES]]
        told = {one.id: one for one in explained(app.runtime(), words, heads)}
        groups = [Group([told.get(one.id, one) for one in group.faults]) for group in groups]
        plain = explained(app.runtime(), words, found[:limit]) if session.as_json else []
    counts = counted(found)
    session.emit(
        {
            "errors": [one.document() for one in plain],
            "groups": [group.document(EXAMPLES) for group in groups[:limit]],
            "counts": counts,
            "total": counts.total(),
        },
        lambda: lines(session, groups, limit, counts, words),
    )


def chosen(app: App, words: Words, wanted: Wanted) -> list[Fault]:
    """Those that are meant, oldest first."""
    found = all_faults(app.store)
    if not wanted:
        return found
    told = explained(app.runtime(), words, found) if wanted.reason else found
    return [one for one in told if wanted.fits(one, reason(one, words) if wanted.reason else "")]


def folded(faults: Sequence[Fault]) -> list[Group]:
    """Many of one reason together, the others one by one."""
    found: list[Group] = []
    for group in grouped(faults):
        found += [group] if len(group.faults) >= MANY else [Group([one]) for one in group.faults]
    order = {id(one): place for place, one in enumerate(faults)}
    return sorted(found, key=lambda group: order[id(group.first)])


def lines(session: Session, groups: Sequence[Group], limit: int, counts: Counter[str], words: Words) -> list[str]:
    """One row each, why, and what to do."""
    _ = session.translate
    if not groups:
        return [_("nothing was set aside, refused or parked")]
    kinds = {
        "set_aside": _("set aside"),
        "missing_fields": _("fields missing"),
        "parked_flow": _("flow parked"),
        "notice": _("notice"),
        "dead": _("refused"),
        "parked": _("undecided"),
    }
    shown = groups[:limit]
    rows = [row_of(group, kinds, words) for group in shown]
    headings = (_("id"), _("what"), _("where"), _("since"))
    said = []
    for line, group in zip(table(headings, rows, columns=1000), [None, *shown], strict=True):
        said.append(line)
        said += detail(group, words) if group is not None else []
    if len(groups) > limit:
        said.append(_("… and %(n)s more; --limit shows them") % {"n": f"{len(groups) - limit:,}"})
    totals = _(", ").join(f"{kinds.get(kind, kind)} {number:,}" for kind, number in counts.items() if number)
    said += ["", totals]
    if any(len(group.faults) > 1 for group in shown):
        said.append(_("each by itself: baton errors --each; all of one reason: baton errors retry --reason CODE"))
    return said


def row_of(group: Group, kinds: dict[str, str], words: Words) -> tuple[str, str, str, str]:
    """The line of a fault, or of many of one reason: how many they are in the place of its id."""
    first, many = group.first, len(group.faults)
    what = kinds.get(first.kind, first.kind)
    if many == 1:
        return first.id, what, where(first, words), since(first, words)
    return f"{many:,} ×", what, where(first, words, lead=False), since(first, words)


def detail(group: Group, words: Words) -> list[str]:
    """Why, for instance which, and what to do."""
    from connector.locale.columns import wrap

    first, width = group.first, terminal_width() - 6
    texts = [reason(first, words), first.next]
    if len(group.faults) > 1:
        ids = ", ".join(one.id for one in group.faults[:EXAMPLES])
        texts[1] = step_for_all(group)
        texts.insert(1, words.translate("for instance: %(ids)s") % {"ids": ids})
    if first.owner:
        texts.insert(1, words.translate("to be mended by %(owner)s") % {"owner": first.owner})
    marks = ["      "] * (len(texts) - 1) + ["    → "]
    return [
        (mark if place == 0 else "      ") + part
        for mark, text in zip(marks, texts, strict=True) if text
        for place, part in enumerate(wrap(text, width))
    ]  # fmt: skip


def step_for_all(group: Group) -> str:
    """What to do about many of one reason: the same as about one, with all of them named at the end."""
    first = group.first
    named = f"--reason {first.code}" if first.code else " ".join(one.id for one in group.faults[:EXAMPLES]) + " ..."
    return first.next.replace(f"baton errors retry {first.id}", f"baton errors retry {named}").replace(
        f"baton errors drop {first.id}", f"baton errors drop {named}"
    )


def since(fault: Fault, words: Words) -> str:
    """When it was first seen, and how often."""
    first = words.moment(fault.since) if fault.since else ""
    return f"{first} ({fault.seen}×)" if fault.seen > 1 else first


def numbered(session: Session, app: App, ids: Sequence[str]) -> list[Fault]:
    """The faults with these ids. Raises Mistake, which names those that are not open."""
    plain = [int(one) for one in ids if one.isascii() and one.isdigit()]
    with app.store.read() as tx:
        known = {str(item.id): of_item(item) for item in tx.reviews.get(plain)}
    if any(one.startswith(PREFIX) for one in ids):
        known |= {one.id: one for one in all_faults(app.store) if one.row_id}
    lacking = [one for one in ids if one not in known]
    if lacking:
        what = session.translate("nothing open is called %(ids)s; `baton errors` lists what is")
        raise Mistake(what % {"ids": ", ".join(lacking)})
    return [known[one] for one in ids]


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that can be tried again.")
@choosing
@output_option
@pass_session
def retry(
    session: Session, ids: tuple[str, ...], everything: bool, reason: str, object: str, target: str, flow: str
) -> None:
    """Try IDS again, those of a reason, or --all: records under the mapping as it is now, writes as they are."""
    wanted = Wanted(reason, object, target, flow)
    if (bool(ids), everything, bool(wanted)).count(True) != 1:
        raise click.UsageError(session.translate("name IDs, or --reason and its like, or --all"))
    from connector.runs import mend

    with session.opened() as app:
        meant = numbered(session, app, ids) if ids else chosen(app, words_for(session, app), wanted)
        counts = mend.try_again(app.runtime(), app.rows, meant)
    session.emit({"retried": len(meant), "counts": counts}, lambda: retried_lines(session, meant, counts))


def retried_lines(session: Session, meant: Sequence[Fault], counts: Counter[str]) -> list[str]:
    """What came of it."""
    _ = session.translate
    words = {
        "mended": _("mended: %(n)s"),
        "set aside": _("still set aside: %(n)s"),
        "fields set aside": _("fields still set aside: %(n)s"),
        "unchanged": _("as before, for neither record nor mapping has changed: %(n)s"),
        "scored again": _("looked at again with the next run: %(n)s"),
        "to be sent again": _("to be sent again: %(n)s"),
        "not replayable": _("never became a record: %(n)s; mend the file, it is read again when it changes"),
    }
    said = [text % {"n": f"{counts[what]:,}"} for what, text in words.items() if counts[what]]
    if any(one.kind == "parked_flow" for one in meant):
        said.append(_("a parked flow goes on after: baton release --flow FLOW"))
    return said or [_("nothing to try again")]


@click.command()
@click.argument("ids", nargs=-1)
@choosing
@output_option
@pass_session
def drop(session: Session, ids: tuple[str, ...], reason: str, object: str, target: str, flow: str) -> None:
    """Close IDS, or those of a reason, for good, without using them."""
    from connector.runs import mend

    wanted = Wanted(reason, object, target, flow)
    if bool(ids) == bool(wanted):
        raise click.UsageError(session.translate("name IDs, or --reason and its like"))
    with session.opened() as app:
        meant = numbered(session, app, ids) if ids else chosen(app, words_for(session, app), wanted)
        if ids and any(one.kind == "parked_flow" for one in meant):
            raise Mistake(session.translate("a parked flow goes on after: baton release --flow FLOW"))
        items = [one.item for one in meant if one.item is not None and one.kind != "parked_flow"]
        dropped = mend.drop(app.runtime(), items)
        with app.store.write() as tx:
            dropped += tx.outbox.release([one.row_id for one in meant if one.row_id], "dropped", app.clock())
            if wanted == Wanted(target=target) and target and target not in app.config.connections:
                # Of a connection that is no more, nothing that waits can ever go out.
                dropped += tx.outbox.abandon(target, app.clock())
    session.emit({"dropped": dropped}, lambda: [session.translate("dropped: %(n)s") % {"n": dropped}])
