"""The lead or flow that a reader names: a lead by email, by our number (`331`, `lead:331`), or by a platform's id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.cli.faults import Mistake
from connector.cli.session import Session

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.ports import Transaction

#: Shorter texts stand in too many records by chance.
_SHORTEST = 5
#: Of an address that more leads have, or had, it is not said which.
_MOST = 50
#: What stands before our number where a platform's id could be meant too.
_NUMBERED = "lead:"


def by_number(lead_id: int) -> str:
    """The text that means the lead of this number, and nobody else."""
    return f"{_NUMBERED}{lead_id}"


def matches(app: App, text: str) -> list[int]:
    """Ids of the leads that `text` can mean."""
    wanted = text.strip()
    with app.store.read() as tx:
        found = tx.reports.find_leads(wanted.removeprefix(_NUMBERED)) or _by_former_address(tx, wanted)
    return [one for one in found if not wanted.startswith(_NUMBERED) or by_number(one) == wanted]


def _by_former_address(tx: Transaction, address: str) -> list[int]:
    """Ids of the leads that had this address before, ascending."""
    if "@" not in address:
        return []
    from connector.steps.alike import keys, person
    from connector.steps.normalise.values import derive, email

    normal = email(address)[0]
    known = {"email": normal}
    found = tx.keys.candidates(keys(person(known | derive(known))), _MOST)
    leads = tx.intake.leads(sorted({lead_id for ids in found.values() for lead_id in ids}))
    return sorted(lead.id for lead in leads.values() if normal in lead.former)


def one_lead(session: Session, app: App, text: str) -> int:
    """The one lead that is meant. Raises Mistake where there is none, or more than one."""
    found = matches(app, text)
    if not found:
        place = _set_aside(session, app, text.strip())
        if is_forgotten(app, text):
            what = session.translate("forgotten: nothing is known of them")
        elif place:
            what = session.translate("no lead is known by %(text)s, but a record that was set aside has it: %(place)s")
        else:
            what = session.translate("no lead is known by %(text)s (an email address, our number, or a platform's id)")
        raise Mistake(what % {"text": text, "place": place})
    if len(found) > 1:
        what = session.translate("%(text)s can mean several leads; name one by its number: %(ids)s")
        raise Mistake(what % {"text": text, "ids": ", ".join(map(by_number, found))})
    return found[0]


def is_forgotten(app: App, text: str) -> bool:
    """Whether `text` means somebody who was forgotten."""
    from connector.runs.forget import was_forgotten

    with app.store.read() as tx:
        return was_forgotten(tx, text.strip().removeprefix(_NUMBERED), list(app.config.connections))


def _set_aside(session: Session, app: App, text: str) -> str:
    """Where the first record lies that was set aside and has `text` in it as a word, and why; "" for none."""
    from connector.locale.stored import retell
    from connector.runs.faults import of_item, open_items

    if len(text) < _SHORTEST:
        return ""
    word = re.compile(rf"(?<![\w@.-]){re.escape(text)}(?![\w@-])", re.IGNORECASE)
    with app.store.read() as tx:
        for item in open_items(tx, "set_aside"):
            told = item.body.get("raw") or [item.body.get("id"), *item.body.get("values", {}).values()]
            if word.search(str(told)):
                return f"{of_item(item).where}: {retell(item.reason, session.translate)}"
    return ""


def known_flow(session: Session, app: App, flow: str) -> None:
    """Raise Mistake, which lists the flows, where `flow` is none of them; "" means all."""
    if flow and flow not in app.config.flows:
        what = session.translate("no flow %(flow)s; there are: %(flows)s")
        raise Mistake(what % {"flow": flow, "flows": ", ".join(app.config.flows)})
