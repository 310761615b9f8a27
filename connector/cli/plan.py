"""`baton plan`: what the next run would write, held against what stands in the CRM now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from connector.cli.find import known_flow, one_lead
from connector.cli.output import output_option, plain
from connector.cli.session import Session, pass_session
from connector.cli.tables import terminal_width
from connector.cli.why import words_for
from connector.cli.writing import PAGE, PLAN, Written, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from connector.app import App
    from connector.insight.forecast import Limit
    from connector.model.plans import Plan
    from connector.runs.stamps import Proposed
    from connector.steps.telling.words import Words

#: The most stamps that are listed as text.
LONGEST = 50


@click.command()
@click.option("--flow", default="", help="Only the leads of this flow.")
@click.option("--only", default="", metavar="LEAD", help="Only this lead: an email, our number, a platform's id.")
@click.option(
    "-o", "--to", "file", type=Written(PLAN, PAGE),
    help="Keep the plan: JSON that baton apply takes; FILE.html: a page to read.",
)  # fmt: skip
@click.option("--html", "page", type=Written(PAGE), help="Write it as a page to read.")
@click.option("--as-live", is_flag=True, help="As if every flow were live: what going live would do.")
@click.option("--stored", is_flag=True, help="From the store alone: nobody is asked, and it cannot be applied.")
@click.option("--all", "whole", is_flag=True, help="List every record, those that stay as they are, too.")
@click.option("--stamps", is_flag=True, help="Which records of the CRM are leads of ours and lack our key.")
@output_option
@pass_session
def plan(
    session: Session, flow: str, only: str, file: Path | None, page: Path | None, as_live: bool, stored: bool,
    whole: bool, stamps: bool,
) -> None:  # fmt: skip
    """Show what the next run would write: record by record, old and new values by field, why, and at what cost.

    The line goes ahead in a copy of the store; then the CRM is asked what stands in each record. Nothing is
    pulled and nothing is written. A plan that was kept with -o FILE is done by `baton apply FILE`.
    """
    if stamps and (as_live or stored or only or page):
        raise click.UsageError(session.translate("--stamps goes with --flow and -o only"))
    if stamps:
        plan_stamps(session, flow, file)
        return
    if file is not None and file.suffix.casefold() in (".html", ".htm"):
        file, page = None, file
    with session.opened() as app:
        known_flow(session, app, flow)
        made = made_plan(session, app, flow, one_lead(session, app, only) if only else 0, as_live, stored=stored)
        words = words_for(session, app)
        if file:
            from connector.runs.planning.document import sealed

            write_file(file, text_of(sealed(app.runtime(), made.store, made)), private=True)
        if page:
            from connector.insight.plan_html import page_of

            write_file(page, page_of(made, words), private=True)
        note_kept(app, file, page)
        session.emit(document(made), lambda: lines(session, app, made, [one for one in (file, page) if one], whole))


def made_plan(session: Session, app: App, flow: str, only: int, as_live: bool, *, stored: bool) -> Plan:
    """The plan, against what stands outside or from the store alone."""
    from connector.cli.progress import progress
    from connector.runs.planning import making

    make = making.stored if stored else making.make
    asked = making.Asked(flow, only, as_live)
    with progress(session):
        return make(app.runtime(), app.rows(), words_for(session, app), asked, lambda name: limits_of(app, name))


def limits_of(app: App, name: str) -> Sequence[Limit]:
    """The limits of a connection's account as they stand."""
    from connector.app import account_key
    from connector.insight.forecast import limits

    with app.store.read() as tx:
        standing = tx.budgets.standing(account_key(app.config.connections[name]))
    return limits(app.rates(name), standing, app.clock())


def text_of(document: dict[str, Any]) -> str:
    """A document to be kept."""
    return json.dumps(plain(document), ensure_ascii=False, indent=1) + "\n"


def document(made: Plan) -> dict[str, Any]:
    """The plan as it is printed: counts and groups first, then every row."""
    from connector.insight.planned import counts_of, groups_said
    from connector.runs.planning.document import row_said

    cost = {name: {"calls": one.calls, "seconds": one.seconds, "share": one.share} for name, one in made.cost.items()}
    return {
        "kind": made.kind, "store": made.store, "at": made.at, "flow": made.flow or None, "as_live": made.as_live,
        "asked": made.asked, "counts": counts_of(made.rows), "groups": groups_said(made.rows), "cost": cost,
        "versions": made.versions, "rows": [row_said(row) for row in made.rows],
    }  # fmt: skip


def plan_stamps(session: Session, flow: str, file: Path | None) -> None:
    """The plan of stamps; in a file only its owner can read, since it is done as it stands there."""
    from connector.runs.stamps import document, propose

    with session.opened() as app:
        known_flow(session, app, flow)
        runtime, store_id = app.runtime(), app.rows().store_id
        found = propose(runtime, store_id, flow)
        said = document(runtime, store_id, found)
        if file:
            write_file(file, json.dumps(said, ensure_ascii=False, indent=2) + "\n", private=True)
            note_kept(app, file)
        whole = {**said, "left": found.left, "stamped": found.stamped}
        session.emit(whole, lambda: stamp_lines(words_for(session, app), found, file))


def note_kept(app: App, *files: Path | None) -> None:
    """Keep where plans lie, so that `baton forget` finds whom they name."""
    from connector.runs.kept_files import remember_plan

    for file in files:
        if file is not None:
            with app.store.write() as tx:
                remember_plan(tx, file, app.clock())


def stamp_lines(words: Words, found: Proposed, file: Path | None) -> list[str]:
    """The plan of stamps as text."""
    _ = words.translate
    said = [_("%(n)s records of leads of ours lack our key") % {"n": f"{len(found.stamps):,}"}]
    said += [
        f"  {one.connection} {one.object} {one.id}: {one.field} {_('(blank)')} → {one.new} ({one.why})"
        for one in found.stamps[:LONGEST]
    ]
    if len(found.stamps) > LONGEST:
        said.append("  " + _("and %(count)s more") % {"count": f"{len(found.stamps) - LONGEST:,}"})
    if found.stamped:
        said.append(_("%(n)s carry it already") % {"n": f"{found.stamped:,}"})
    said += [f"  {one.connection} {one.object} {one.id}: {words.retell(one.why)}" for one in found.left[:LONGEST]]
    if file:
        said.append(_("kept in %(file)s; to do it: baton apply %(file)s") % {"file": file})
    elif found.stamps:
        said.append(_("Nothing was written. Keep the plan with -o FILE, then: baton apply FILE"))
    return said


def lines(session: Session, app: App, made: Plan, kept: list[Path], whole: bool) -> list[str]:
    """The plan as text, with what it is made from."""
    from connector.insight.planned import lines_of
    from connector.locale.columns import wrap

    _, width = session.translate, terminal_width()
    said = lines_of(made, words_for(session, app), columns=width, longest=None if whole else LONGEST)
    if made.asked:
        nothing = _("Nothing was written. What is new in marketing is pulled by baton sync first.")
    else:
        nothing = _("Nothing was written. The plan is made from what the store holds; baton sync pulls first.")
    said += ["", *wrap(nothing, width)]
    if not made.as_live and any(flow.mode == "observe" for flow in app.config.flows.values()):
        said += wrap(_("What a flow that only observes would write once it is live: baton plan --as-live"), width)
    for file in kept:
        page = file.suffix.casefold() in (".html", ".htm")
        how = _("kept in %(file)s") if page or not made.asked else _("kept in %(file)s; to do it: baton apply %(file)s")
        said.append(how % {"file": file})
    return said
