"""`baton why`: the whole story of one lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from connector.cli.faulty import open_items
from connector.cli.find import by_number, matches, one_lead
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.why import Story
    from connector.model.activity import Activity
    from connector.model.company import Company
    from connector.model.facts import Facts
    from connector.model.fields import Value
    from connector.model.handoff import Handoff, Turn
    from connector.model.lead import Lead
    from connector.model.ports import ReviewItem, Transaction
    from connector.steps.telling.words import Words


@click.command()
@click.argument("lead")
@click.option("--fields", is_flag=True, help="Only its fields: who said what, when, how sure, and why it counts.")
@output_option
@pass_session
def why(session: Session, lead: str, *, fields: bool) -> None:
    """Tell the whole story of LEAD: what it did, its points, its gates, its owner; or why it has none.

    LEAD is an email address, our number, or an id of a platform.
    """
    show = show_fields if fields else show_story
    with session.opened() as app:
        found = matches(app, lead)
        if len(found) > 1:
            show_matches(session, app, found)
        else:
            show(session, app, one_lead(session, app, lead))


def show_story(session: Session, app: App, lead_id: int) -> None:
    """One lead's story."""
    from connector.insight.text import render, to_json

    told = story_of(app, lead_id, words_for(session, app))

    def lines() -> list[str]:
        title, *rest = render(told, terminal_width())
        return [session.style(title, bold=True), *rest]

    session.emit(to_json(told), lines)


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


def story_of(app: App, lead_id: int, words: Words) -> Story:
    """Everything the store knows about one lead, told."""
    from connector.cli.letters import next_steps, notes_of
    from connector.insight.why import story

    with app.store.read() as tx:
        rows = tx.outbox.rows(lead_id=lead_id)
    steps, notes = next_steps(app, words, rows), notes_of(app, words, lead_id)
    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id])[lead_id]
        activities = tx.intake.activities([lead_id]).get(lead_id, [])
        handoffs = tx.handoffs.of_leads([lead_id]).get(lead_id, [])
        flow = app.config.flows.get(lead.flow)
        facts = facts_of(app, lead, activities) if flow else None
        complete = tx.retention.complete_from()
        counted = sum(tx.intake.lifetime([lead_id]).get(lead_id, {}).values()) if complete else 0
        return story(
            lead,
            words=words,
            activities=activities,
            transitions=tx.scores.transitions(lead_id),
            handoffs=handoffs,
            rows=rows,
            links=tx.reports.links_of(lead_id),
            turns=turns_of(tx, handoffs),
            next_steps=steps,
            notes=notes,
            consents=tx.consents.of_leads([lead_id]).get(lead_id, ()),
            complete=complete,
            deleted=max(counted - len(activities), 0),
            reviews=missing_of(tx, lead_id) if lead.stage in ("known", "warm") else (),
            criteria=flow.criteria if flow else None,
            facts=facts,
            company=company_of(tx, lead_id),
            joinings=tx.joinings.of_leads([lead_id]),
            happened=tx.handoff_events.of_handoffs([one.id for one in handoffs]),
        )


def facts_of(app: App, lead: Lead, activities: list[Activity]) -> Facts:
    """The facts as they were when the lead was last scored; where the criteria are others now, as they are."""
    from connector.steps.facts import account_of, build

    criteria = app.config.flows[lead.flow].criteria
    if lead.score is not None and lead.score.version == criteria.version:
        facts = build(lead, activities, lead.score.at, account=account_of(lead))
        facts.score = lead.score
        return facts
    facts = build(lead, activities, app.clock(), account=account_now(app, lead))
    facts.score = criteria.score(facts)
    return facts


def account_now(app: App, lead: Lead) -> Mapping[str, Value] | None:
    """What the account of the lead's company comes to, in a flow that has accounts."""
    from connector.runs.accounts import at_present

    flow = app.config.flows[lead.flow]
    if flow.criteria.account is None:
        return None
    with app.store.read() as tx:
        company = company_of(tx, lead.id)
        made = at_present(tx, company, [flow], app.clock()) if company is not None else {}
    return made[flow.name].account.fields() if flow.name in made else None


def company_of(tx: Transaction, lead_id: int) -> Company | None:
    """The company that a lead belongs to."""
    ids = list(tx.companies.of_leads([lead_id]).values())
    return next(iter(tx.companies.get(ids).values()), None) if ids else None


def turns_of(tx: Transaction, handoffs: list[Handoff]) -> list[Turn]:
    """The lines of the routing ledger that gave these handoffs away."""
    ids = {one.id for one in handoffs}
    teams = {one.team for one in handoffs if one.team}
    return [turn for team in teams for turn in tx.handoffs.turns(team, 10_000) if turn.handoff_id in ids]


def missing_of(tx: Transaction, lead_id: int) -> list[ReviewItem]:
    """What the fix queue says this lead lacks."""
    return [item for item in open_items(tx, "missing_fields") if item.lead_id == lead_id]


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
