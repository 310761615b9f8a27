"""`baton why`: the whole story of one lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.find import by_number, matches, one_lead
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.why import Story
    from connector.steps.telling.words import Words


@click.command()
@click.argument("lead")
@click.option("--fields", is_flag=True, help="Only its fields: who said what, when, how sure, and why it counts.")
@click.option("--replay", is_flag=True, help="Only its decisions: each taken again, and whether it comes out the same.")
@click.option("--all", "whole", is_flag=True, help="Everything, and not only what fits on a screen.")
@output_option
@pass_session
def why(session: Session, lead: str, *, fields: bool, replay: bool, whole: bool) -> None:
    """Tell the whole story of LEAD: what it did, its points, its gates, its owner; or why it has none.

    LEAD is an email address, our number, or an id of a platform.
    """
    with session.opened() as app:
        found = matches(app, lead)
        if len(found) > 1:
            show_matches(session, app, found)
            return
        lead_id = one_lead(session, app, lead)
        if fields:
            show_fields(session, app, lead_id)
        elif replay:
            show_replay(session, app, lead_id)
        else:
            show_story(session, app, lead_id, whole=whole)


def show_story(session: Session, app: App, lead_id: int, *, whole: bool) -> None:
    """One lead's story. What is for programs is always whole."""
    from connector.insight.text import render, to_json

    told = story_of(app, lead_id, words_for(session, app), whole=whole or session.as_json)

    def lines() -> list[str]:
        title, *rest = render(told, terminal_width(), whole=whole)
        return [session.style(title, bold=True), *rest]

    session.emit(to_json(told), lines)


def show_replay(session: Session, app: App, lead_id: int) -> None:
    """One lead's decisions, each taken again."""
    from connector.insight.replayed import render, to_json
    from connector.insight.why import title
    from connector.runs.replay import replays

    words = words_for(session, app)
    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id])[lead_id]
        found = replays(tx, app.config, lead, tx.intake.activities([lead_id]).get(lead_id, []))
    session.emit(
        to_json(lead, found, words),
        lambda: [session.style(title(lead, words), bold=True), *render(found, words, terminal_width())],
    )


def show_fields(session: Session, app: App, lead_id: int) -> None:
    """One lead's fields, and where they come from."""
    from connector.insight.provenance import render, stories, to_json
    from connector.insight.why import title
    from connector.runs.terms import terms_of

    words = words_for(session, app)
    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id])[lead_id]
        activities = tx.intake.activities([lead_id]).get(lead_id, [])
    told = stories(lead, terms_of(app.config, lead.flow), activities, words)
    session.emit(
        to_json(lead, told),
        lambda: [session.style(title(lead, words), bold=True), "", *render(told, words, terminal_width())],
    )


def words_for(session: Session, app: App) -> Words:
    """How this reader is spoken to."""
    from connector.steps.telling.words import Words

    return Words(session.language, app.config.zone, session.translate, app.clock())


def story_of(app: App, lead_id: int, words: Words, *, whole: bool = True) -> Story:
    """Everything the store knows about one lead, told."""
    from connector.insight.why import story
    from connector.runs.letters import next_steps, notes_of
    from connector.runs.past import known

    with app.store.read() as tx:
        rows = tx.outbox.rows(lead_id=lead_id)
    steps, notes = next_steps(app.runtime(), words, rows), notes_of(app.runtime(), words, lead_id)
    # Changed criteria may wait: what would turn the lead is told by those that decide.
    present = app.in_force()
    with app.store.read() as tx:
        found = known(tx, present, lead_id, app.clock())
    return story(
        found.lead,
        found.past,
        words=words,
        criteria=found.flow.criteria if found.flow else None,
        facts=found.facts,
        next_steps=steps,
        notes=notes,
        company=found.company,
        nearest=found.nearest,
        margin=found.margin,
        whole=whole,
    )


def show_matches(session: Session, app: App, found: list[int]) -> None:
    """Several leads can be meant: who they are, and how to name one."""
    from connector.model.lead import display_name
    from connector.steps.telling.words import stage

    with app.store.read() as tx:
        leads = tx.intake.leads(found)
    rows = [
        (
            one.id,
            display_name(one, session.language),
            str(one.fields.get("email", "")),
            stage(one.stage, session.translate),
            str(one.fields.get("company.name", "")),
        )
        for one in leads.values()
    ]
    keys = ("lead", "name", "email", "stage", "company")
    _ = session.translate
    session.emit(
        {"matches": [dict(zip(keys, row, strict=True)) for row in rows]},
        lambda: [
            _("several leads can be meant; name one by its number:"),
            *table(
                (_("lead"), _("name"), _("email"), _("stage"), _("company")),
                [(by_number(number), *rest) for number, *rest in rows],
            ),
        ],
    )
