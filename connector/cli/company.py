"""`baton company`: the people of a company, and what they come to together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.find import matches
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.company import Elsewhere, Sight, Standing
    from connector.model.company import Company
    from connector.model.lead import Lead
    from connector.model.ports import Transaction

#: Companies that are listed where several can be meant.
MOST = 20


@click.command()
@click.argument("name")
@output_option
@pass_session
def company(session: Session, name: str) -> None:
    """Show the company NAME: its people with their roles, the account's points line by line, its open handoffs.

    NAME is a domain, a part of a company's name, or one of its people: an email address or our number (lead:331).
    """
    with session.opened() as app:
        found = companies(app, name)
        if not found:
            what = session.translate("no company is known by %(text)s (a domain, a name, or one of its people)")
            raise Mistake(what % {"text": name})
        if len(found) == 1:
            show(session, app, found[0])
        else:
            show_matches(session, found)


def companies(app: App, text: str) -> list[Company]:
    """The companies that `text` can mean: by domain, else by a part of the name, else by one of its people."""
    from connector.steps.companies import key_of_domain
    from connector.steps.normalise.mail import domain

    wanted = text.strip()
    with app.store.read() as tx:
        if "@" not in wanted and (key := key_of_domain(domain(wanted)[0])):
            ids = tx.companies.by_keys([key]).get(key, [])
            if found := list(tx.companies.get(ids).values()) or tx.companies.find(wanted, MOST):
                return found
    leads = matches(app, wanted)
    with app.store.read() as tx:
        return list(tx.companies.get(sorted(set(tx.companies.of_leads(leads).values()))).values())


def show(session: Session, app: App, found: Company) -> None:
    """One company."""
    from connector.cli.why import words_for
    from connector.insight.company import render, to_json

    sight = sight_of(app, found)
    words = words_for(session, app)

    def lines() -> list[str]:
        title, *rest = render(sight, words, terminal_width())
        return [session.style(title, bold=True), *rest]

    session.emit(to_json(sight), lines)


def sight_of(app: App, found: Company) -> Sight:
    """Everything the store knows about one company, as it is now."""
    from connector.insight.company import Sight
    from connector.runs.companies import MOST_PEOPLE

    with app.store.read() as tx:
        ids = tx.companies.people([found.id], MOST_PEOPLE).get(found.id, [])
        leads = tx.intake.leads(ids)
        there = elsewhere(app, tx, list(leads.values()))
        done = tx.intake.activities(ids) if ids else {}
        handoffs = [one for some in tx.handoffs.of_leads(ids).values() for one in some if one.state == "open"]
        return Sight(
            found, [leads[id] for id in ids], standings(app, tx, found), there, handoffs,
            {lead_id: some[-1].at for lead_id, some in done.items()},
        )  # fmt: skip


def standings(app: App, tx: Transaction, found: Company) -> list[Standing]:
    """The company's account in each flow that has accounts and some of its people."""
    from connector.insight.company import Standing
    from connector.runs.accounts import at_present

    flows, made = app.config.flows, []
    for name, one in at_present(tx, found, flows.values(), app.clock()).items():
        criteria = flows[name].criteria.account
        missing = [role for role in (criteria.roles if criteria else ()) if role not in one.account.roles]
        made.append(Standing(name, one.account, one.roles, one.champion, tuple(missing)))
    return made


def elsewhere(app: App, tx: Transaction, people: list[Lead]) -> list[Elsewhere]:
    """The account in each CRM, as the mirror has it, that most of a company's people lead to, as in a handoff."""
    from connector.insight.company import Elsewhere
    from connector.runs.gathering import accounts_of

    told = []
    for crm in dict.fromkeys(flow.crm for flow in app.config.flows.values()):
        accounts = list(accounts_of(tx, crm, people, {}, app.config.identity.organisation).accounts.values())
        if not accounts:
            continue
        ids = [one.id for one in accounts]
        record = max(accounts, key=lambda one: (ids.count(one.id), one.id))
        users = tx.mirror.get(crm, "user", [record.owner]) if record.owner else {}
        owner = users[record.owner].email or users[record.owner].name if record.owner in users else record.owner
        deals = tx.mirror.find(crm, "account", [record.id], ["opportunity"]).get(record.id, [])
        told.append(Elsewhere(crm, record, owner, sum(one.is_open for one in deals)))
    return told


def show_matches(session: Session, found: list[Company]) -> None:
    """Several companies can be meant: how to name one."""
    rows = [
        (str(one.fields.get("company.name") or ""), one.domain, str(one.fields.get("company.country") or ""))
        for one in found
    ]
    keys = ("name", "domain", "country")
    _ = session.translate
    session.emit(
        {"matches": [dict(zip(keys, row, strict=True)) for row in rows]},
        lambda: [
            _("several companies can be meant; name one by its domain, or one of its people:"),
            *table((_("company"), _("domain"), _("country")), rows),
        ],
    )
