"""`baton review`: what waits to be released, with its reasons and its brief; release it, or return it to marketing."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.find import one_lead
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table
from connector.cli.why import words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.app import App
    from connector.model.activity import Activity
    from connector.model.handoff import Handoff
    from connector.model.lead import Lead
    from connector.steps.telling.words import Words

COMMANDS = {
    "list": Entry("connector.cli.review:list_waiting", "List them (what `baton review` does by itself)."),
    "release": Entry("connector.cli.review:release", "Hand leads over now."),
    "return": Entry("connector.cli.review:give_back", "Give a lead back to marketing, with a reason."),
}
#: How many are listed at once, unless told.
LISTED = 50


def narrowing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the list."""
    for name, help in (
        ("--flow", "Only those of this flow."),
        ("--reviewer", "Only those that this person is to release (an email)."),
    ):
        command = click.option(name, default="", help=help)(command)
    command = click.option("--brief", is_flag=True, help="With what the rep would read.")(command)
    limited = click.option("--limit", default=LISTED, show_default=True, type=click.IntRange(min=1), help="How many.")
    return limited(command)


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@narrowing
@output_option
@click.pass_context
def review(ctx: click.Context, limit: int, *, brief: bool, reviewer: str, flow: str) -> None:
    """What waits to be released before it is handed over: list it, release it, or give it back to marketing."""
    if ctx.invoked_subcommand is None:
        show(ctx.ensure_object(Session), limit, flow, reviewer, brief=brief)


@click.command("list")
@narrowing
@output_option
@pass_session
def list_waiting(session: Session, limit: int, *, brief: bool, reviewer: str, flow: str) -> None:
    """List what waits to be released, the best first."""
    show(session, limit, flow, reviewer, brief=brief)


def show(session: Session, limit: int, flow: str, reviewer: str, *, brief: bool) -> None:
    """What waits in flows that are reviewed, at most `limit` of it."""
    from connector.runs.review import waiting

    with session.opened() as app, app.store.read() as tx:
        flows = [one for name, one in app.config.flows.items() if flow in ("", name)]
        found = [one for one in waiting(tx, flows) if reviewer.lower() in ("", one.reviewer)]
        shown = found[:limit]
        ids = [one.lead_id for one in shown]
        leads, deeds = (tx.intake.leads(ids), tx.intake.activities(ids)) if ids else ({}, {})
        words = words_for(session, app)
        documents = [_document(app, one, leads[one.lead_id], deeds.get(one.lead_id, []), words) for one in shown]
    session.emit(
        {"waiting": documents, "total": len(found)},
        lambda: _lines(session, documents, len(found), words, brief=brief),
    )


def _document(app: App, handoff: Handoff, lead: Lead, deeds: Sequence[Activity], words: Words) -> dict[str, Any]:
    """One that waits, for JSON."""
    from connector.model.lead import display_name
    from connector.steps.telling.brief import brief, top_reasons

    config = app.config
    text = brief(
        lead, lead.score, deeds, handoff=handoff, language=words.language, translate=words.translate,
        now=words.now, zone=config.zone,
    )  # fmt: skip
    return {
        "lead": lead.id,
        "handoff": handoff.id,
        "flow": handoff.flow,
        "name": display_name(lead, words.language),
        "company": lead.fields.get("company.name", ""),
        "grade": handoff.grade,
        "total": handoff.total,
        "hot": handoff.hot,
        "reasons": top_reasons(lead.score, 3, words.translate),
        "since": handoff.decided_at,
        "reviewer": handoff.reviewer,
        "due": handoff.review_due_at,
        "overdue": handoff.review_due_at is not None and handoff.review_due_at <= words.now,
        "brief": text,
    }


def _lines(
    session: Session, documents: Sequence[Mapping[str, Any]], total: int, words: Words, *, brief: bool
) -> list[str]:
    _ = session.translate
    if not documents:
        return [_("nothing waits to be released")]
    headings = (_("lead"), _("who it is"), _("score"), _("waits since"), _("reviewer"), _("due"))
    rows = [_row(one, words) for one in documents]
    said = []
    for line, one in zip(table(headings, rows, columns=1000), [None, *documents], strict=True):
        said.append(line)
        if one is not None:
            said += [f"      {one['reasons']}"] if one["reasons"] else []
            said += [f"      | {text}" for text in one["brief"].splitlines()] if brief else []
    if total > len(documents):
        said.append(_("… and %(n)s more; --limit shows them") % {"n": f"{total - len(documents):,}"})
    return [*said, "", _("release: baton review release LEAD; not for sales: baton review return LEAD --reason REASON")]


def _row(one: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    who = " · ".join(str(part) for part in (one["name"], one["company"]) if part)
    due = words.moment(one["due"]) if one["due"] else ""
    if one["overdue"]:
        due = words.translate("%(when)s (overdue)") % {"when": due}
    score = f"{one['total']} {one['grade']}" + (f" {words.translate('hot')}" if one["hot"] else "")
    return str(one["lead"]), who, score, words.moment(one["since"]), one["reviewer"], due


@click.command()
@click.argument("leads", nargs=-1, required=True)
@output_option
@pass_session
def release(session: Session, leads: tuple[str, ...]) -> int:
    """Hand LEADS over now: each an email address, our number, or an id of a platform."""
    from connector.cli.release import told_of_release
    from connector.runs import release as run

    with session.opened() as app:
        ids = [one_lead(session, app, text) for text in leads]
        done = [(id, run.release_lead(app.runtime(), app.rows, id, getpass.getuser())) for id in ids]
        said = [line for id, handoff in done for line in told_of_release(session, app, id, handoff)]
    session.emit(
        {"leads": [{"lead": id, "released": one is not None, "handoff": one} for id, one in done]}, lambda: said
    )
    return 0


@click.command()
@click.argument("lead")
@click.option("--reason", required=True, help="One of the flow's reasons of rejection.")
@click.option("--note", default="", help="In your own words.")
@output_option
@pass_session
def give_back(session: Session, lead: str, reason: str, note: str) -> int:
    """Give LEAD back to marketing: rejected before anybody has it, with the effect of the reason.

    LEAD is an email address, our number, or an id of a platform.
    """
    from connector.runs import review as run
    from connector.steps.telling.words import reason_name

    with session.opened() as app:
        lead_id = one_lead(session, app, lead)
        _known_reason(session, app, lead_id, reason)
        handoff = run.give_back(app.runtime(), app.rows, lead_id, reason, note, getpass.getuser())
    _ = session.translate
    words = _("lead %(id)s is marketing's again (%(reason)s)") if handoff else _("nothing of lead %(id)s waits")
    session.emit(
        {"lead": lead_id, "returned": handoff is not None, "reason": reason, "handoff": handoff},
        lambda: [words % {"id": lead_id, "reason": reason_name(reason, _)}],
    )
    return 0


def _known_reason(session: Session, app: App, lead_id: int, reason: str) -> None:
    """Raises Mistake where the lead's flow has no such reason."""
    from difflib import get_close_matches

    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id])[lead_id]
    flow = app.config.flows.get(lead.flow)
    reasons = flow.reasons if flow else {}
    if flow is None or reason in reasons:
        return
    near = get_close_matches(reason, reasons, n=1)
    what = session.translate("unknown reason %(reason)s; allowed: %(names)s") % {
        "reason": reason, "names": ", ".join(reasons),
    }  # fmt: skip
    raise Mistake(what + (session.translate("; did you mean %(near)s?") % {"near": near[0]} if near else ""))
