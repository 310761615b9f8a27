"""`baton notify`: who hears what, and whether it would reach them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.outbox import Outcome


@click.command()
@click.option("--test", "test", metavar="ADDRESS", help="Send a test to an email, or to the secret of this name.")
@output_option
@pass_session
def notify(session: Session, test: str | None) -> int:
    """Show who hears what, and by which way; with --test send one message now.

    The ADDRESS is a person's email, whose own way is taken, or the name of a secret that holds an address.
    """
    return _send(session, test) if test else _show(session)


def _show(session: Session) -> int:
    from connector.model.notices import TARGET

    with session.opened() as app:
        listing = list(_listing(app.config))
        with app.store.read() as tx:
            counts = {state: number for (target, state), number in tx.outbox.counts().items() if target == TARGET}
    found = {"notices": listing, "rows": counts}
    session.emit(found, lambda: _words(session, listing, counts))
    return 0


def _listing(config: Config) -> Iterator[dict[str, Any]]:
    """Who hears of each kind that somebody hears of, and whether that is the shipped setting."""
    from connector.model.notices import KINDS, SHIPPED
    from connector.runs.notices import has_way

    for kind in KINDS:
        said = config.notices.get(kind)
        listeners = said if said is not None else [one for one in SHIPPED.get(kind, ()) if has_way(config, one)]
        if listeners:
            yield {
                "about": kind,
                "told": list(listeners),
                "shipped": said is None,
                "daily": kind in config.quiet.digest,
            }


def _words(session: Session, listing: list[dict[str, Any]], counts: dict[str, int]) -> list[str]:
    from connector.steps.telling.vocabulary import ROW_STATES

    _ = session.translate
    if not listing:
        return [_("nobody is told anything: name who in [notices], or a mail server in [mail]")]
    shipped, daily = _("shipped"), _("once a day")
    rows = [
        (one["about"], ", ".join(one["told"]), shipped * one["shipped"], daily * one["daily"]) for one in listing
    ]  # fmt: skip
    lines = table((_("about"), _("told"), "", ""), rows)
    if counts:
        told = (f"{_(ROW_STATES.get(state, state))} {number}" for state, number in sorted(counts.items()))
        said = _(", ").join(told)
        lines.append(_("messages: %(counts)s") % {"counts": said})
    return lines


def _send(session: Session, to: str) -> int:
    from connector.model.notices import Message
    from connector.model.outbox import Done
    from connector.runs.notices import message_id, test_message

    with session.opened() as app:
        now = app.clock()
        found = test_message(app.config, to, getpass.getuser(), now)
        if found is None:
            raise Mistake(session.translate("there is no way to %(to)s: name a mail server in [mail]") % {"to": to})
        address, subject, text = found
        outcome = app.notifier().send(Message(address, subject, text, message_id(f"test:{to}:{now.isoformat()}")))
    sent = isinstance(outcome, Done)
    session.emit({"to": to, "sent": sent, "reason": _reason(outcome)}, lambda: [_said(session, to, outcome)])
    return 0 if sent else 4


def _reason(outcome: Outcome) -> str:
    return str(getattr(outcome, "reason", ""))


def _said(session: Session, to: str, outcome: Outcome) -> str:
    from connector.locale.stored import retell
    from connector.model.outbox import Done

    if isinstance(outcome, Done):
        return session.translate("sent to %(to)s: look whether it has arrived") % {"to": to}
    why = retell(_reason(outcome), session.translate)
    return session.translate("not sent to %(to)s: %(why)s") % {"to": to, "why": why}
