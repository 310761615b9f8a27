"""`baton errors`: what was set aside, lacks fields, was refused or parked; try it again, or drop it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.faulty import Fault, all_faults, numbered
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width
from connector.cli.why import words_for

if TYPE_CHECKING:
    from connector.app import App
    from connector.steps.telling.words import Words

COMMANDS = {
    "list": Entry("connector.cli.errors:list_errors", "List them (what `baton errors` does by itself)."),
    "retry": Entry("connector.cli.errors:retry", "Try some, or all, again."),
    "drop": Entry("connector.cli.errors:drop", "Close some for good, without using them."),
}

#: How many are listed at once, unless told.
LISTED = 50


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@click.option("--limit", default=LISTED, show_default=True, help="How many to list.")
@output_option
@click.pass_context
def errors(ctx: click.Context, limit: int) -> None:
    """List, retry or drop what was set aside or refused.

    Numbers are set-aside records, leads that lack required fields and parked flows; `out-17` is a
    write that the CRM refused, or whose fate only a person can tell.
    """
    if ctx.invoked_subcommand is None:
        show(ctx.ensure_object(Session), limit)


@click.command("list")
@click.option("--limit", default=LISTED, show_default=True, help="How many to list.")
@output_option
@pass_session
def list_errors(session: Session, limit: int) -> None:
    """List what waits for a person, oldest first."""
    show(session, limit)


def show(session: Session, limit: int) -> None:
    """Everything that waits for a person, at most `limit` of it."""
    with session.opened() as app:
        found, counts = all_faults(app, limit)
    total = counts.total()
    session.emit(
        {"errors": [one.document() for one in found], "counts": counts, "total": total},
        lambda: lines(session, found, counts, words_for(session, app)),
    )


def lines(session: Session, found: Sequence[Fault], counts: Counter[str], words: Words) -> list[str]:
    """One row each, then what to do."""
    from connector.locale.columns import wrap

    _ = session.translate
    if not found:
        return [_("nothing was set aside, refused or parked")]
    kinds = {
        "set_aside": _("set aside"),
        "missing_fields": _("fields missing"),
        "parked_flow": _("flow parked"),
        "notice": _("notice"),
        "dead": _("refused"),
        "parked": _("undecided"),
    }
    rows = [(one.id, kinds.get(one.kind, one.kind), where(one, words), since(one, words)) for one in found]
    headings = (_("id"), _("what"), _("where"), _("since"))
    said = []
    for line, one in zip(table(headings, rows, columns=1000), [None, *found], strict=True):
        said.append(line)
        if one is not None:
            said += [f"      {part}" for part in wrap(reason(one, words), terminal_width() - 6)]
    more = counts.total() - len(found)
    if more > 0:
        said.append(_("… and %(n)s more; --limit shows them") % {"n": f"{more:,}"})
    totals = ", ".join(f"{kinds.get(kind, kind)} {number:,}" for kind, number in counts.items() if number)
    hints = _("once mended: baton errors retry ID... (or --all); not wanted: baton errors drop ID...")
    said += ["", totals, *wrap(hints, terminal_width())]
    if counts["parked_flow"]:
        said.append(_("a parked flow goes on after: baton release --flow FLOW"))
    return said


def since(fault: Fault, words: Words) -> str:
    """When it was first seen, and how often."""
    first = words.moment(fault.since) if fault.since else ""
    return f"{first} ({fault.seen}×)" if fault.seen > 1 else first


def where(fault: Fault, words: Words) -> str:
    """Its place: a file and line, a lead, or an object of a CRM."""
    from connector.model import sentences
    from connector.steps.telling import vocabulary

    if not fault.object:
        return words.retell(fault.where)
    target = fault.where.partition(f": {fault.object}")[0]
    said = f"{target}: {words.translate(vocabulary.OBJECTS.get(fault.object, fault.object))}"
    return f"{said} ({words.say(sentences.LEAD, id=fault.lead)})" if fault.lead else said


def reason(fault: Fault, words: Words) -> str:
    """The field, in words, and what is wrong with it."""
    from connector.steps.telling.words import field_name

    names = ", ".join(field_name(name.strip(), words.translate) for name in fault.field.split(","))
    if fault.kind == "missing_fields":
        return words.translate("over the line, but lacks: %(fields)s") % {"fields": names}
    said = words.retell(fault.reason)
    if fault.code and fault.code not in said:
        said = f"{said} [{fault.code}]"
    # An adapter that knows the field's label says it with its object: Lead.Phone (Phone).
    named = not fault.field or f".{fault.field}" in said.partition(":")[0]
    return said if named else f"{names}: {said}"


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that can be tried again.")
@output_option
@pass_session
def retry(session: Session, ids: tuple[str, ...], everything: bool) -> None:
    """Try IDS again, or --all: records under the mapping as it is now, refused writes as they are."""
    if bool(ids) == everything:
        raise click.UsageError(session.translate("name IDs, or --all"))
    with session.opened() as app:
        chosen = all_faults(app)[0] if everything else numbered(session, app, ids)
        counts = retry_faults(app, chosen)
    session.emit({"retried": len(chosen), "counts": counts}, lambda: retried_lines(session, chosen, counts))


def retry_faults(app: App, chosen: Sequence[Fault]) -> Counter[str]:
    """Send records along the line again, and let writes wait for their next turn."""
    from connector.runs import mend

    items = [one.item for one in chosen if one.item is not None and one.kind in ("set_aside", "missing_fields")]
    counts = mend.retry(app.runtime(), app.rows, items) if items else Counter()
    rows = [one.row_id for one in chosen if one.row_id]
    if rows:
        with app.store.write() as tx:
            counts["to be sent again"] += tx.outbox.release(rows, "waiting", app.clock())
    return counts


def retried_lines(session: Session, chosen: Sequence[Fault], counts: Counter[str]) -> list[str]:
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
    if any(one.kind == "parked_flow" for one in chosen):
        said.append(_("a parked flow goes on after: baton release --flow FLOW"))
    return said or [_("nothing to try again")]


@click.command()
@click.argument("ids", nargs=-1, required=True)
@output_option
@pass_session
def drop(session: Session, ids: tuple[str, ...]) -> None:
    """Close IDS for good, without using them."""
    from connector.runs import mend

    with session.opened() as app:
        chosen = numbered(session, app, ids)
        if any(one.kind == "parked_flow" for one in chosen):
            raise Mistake(session.translate("a parked flow goes on after: baton release --flow FLOW"))
        dropped = mend.drop(app.runtime(), [one.item for one in chosen if one.item is not None])
        with app.store.write() as tx:
            dropped += tx.outbox.release([one.row_id for one in chosen if one.row_id], "dropped", app.clock())
    session.emit({"dropped": dropped}, lambda: [session.translate("dropped: %(n)s") % {"n": dropped}])
