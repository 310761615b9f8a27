"""What waits to be mended: leads that lack something, records that were set aside, writes that were refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.model.lead import Lead, Link
from connector.model.logins import Role
from connector.model.ports import Transaction
from connector.runs import desk_acts
from connector.runs.desk_record import fields_of
from connector.runs.faults import PREFIX, STUCK, Fault, of_item, of_row, open_items
from connector.runs.fix_queue import MEND
from connector.runs.letters import explained, reason, where
from connector.runs.mend import can_be_tried, try_again
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, field_name
from connector.web.mine import called
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("fixes")
ROLES: tuple[Role, ...] = ("reviewer", "manager", "marketing")
#: How many are shown at once; so many open items are looked through for those of one user.
AT_ONCE, LOOKED_AT = 50, 5000
KINDS = {
    "set_aside": N_("record set aside"),
    "missing_fields": N_("lacks fields"),
    "parked_flow": N_("flow parked"),
    "notice": N_("to look at"),
    "dead": N_("refused"),
    "parked": N_("undecided"),
}
#: What came of trying again, by the counts of `connector.runs.mend.retry`.
CAME_OF_IT = {
    "mended": N_("Mended."),
    "set aside": N_("It is still set aside: nothing about it has changed."),
    "fields set aside": N_("Its fields are still set aside."),
    "unchanged": N_("It is as before: neither the record nor the mapping has changed."),
    "scored again": N_("The lead is looked at again with the next run."),
    "to be sent again": N_("It is sent again with the next run."),
    "not replayable": N_("It never became a record: mend it where it comes from, and it is read again."),
}
NOTHING = N_("There is nothing to try again; nothing was changed.")
NO_MORE = N_("That is done already; nothing was changed.")
KEPT = N_("Kept, and the lead comes back with the next run.")
MENDED_ELSEWHERE = N_("This lead is not on the desk: please mend it where it comes from. Nothing was changed.")
#: What a person may mend of a lead on the desk, by canonical fields.
MENDABLE = ("email", "phone", "name.given", "name.family", "job_title", "company.name", "company.domain", "country")


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to be mended. `at` are the places of its lead in marketing (connection, what, id)."""

    address: str
    kind: str
    name: str
    lead: int
    where: str
    why: str
    next: str
    owner: str
    since: str
    seen: int
    can_retry: bool
    at: Sequence[tuple[str, str, str]]
    fields: Sequence[tuple[str, str, str]] = ()


@ROOM.page("/fixes", roles=ROLES, link=N_("Fix queue"))
def fixes(visit: Visit) -> Response:
    """What is this user's to mend, the oldest first; an admin sees everybody's."""
    kind = visit.query.get("kind", "")
    with visit.app.store.read() as tx:
        counts = tx.reviews.counts()
        meant = (one for one in _faults(tx) if _is_mine(visit, one) and kind in ("", one.kind))
        found = list(islice(meant, AT_ONCE + 1))
    told = explained(visit.app.runtime(), visit.words, found[:AT_ONCE])
    with visit.app.store.read() as tx:
        ids = sorted({one.lead for one in told if one.lead})
        leads, links = (tx.intake.leads(ids), tx.intake.links_of(ids)) if ids else ({}, {})
    return visit.page(
        "fixes.html", title=visit.translate("Fix queue"), kinds=KINDS, kind=kind, counts=counts,
        more=len(found) > AT_ONCE,
        fixes=[_fix(visit, one, leads.get(one.lead), links.get(one.lead, ())) for one in told],
    )  # fmt: skip


def _faults(tx: Transaction) -> list[Fault]:
    """The oldest open items, and writes that only a person moves."""
    found = [of_item(item) for item in islice(open_items(tx), LOOKED_AT)]
    if any(state in STUCK for _, state in tx.outbox.counts()):
        found += [of_row(row) for row in tx.outbox.rows(states=STUCK, limit=LOOKED_AT)]
    return found


def _is_mine(visit: Visit, fault: Fault) -> bool:
    return visit.may("admin") or fault.owner.casefold() == visit.user.email.casefold()


def _fix(visit: Visit, fault: Fault, lead: Lead | None, links: Sequence[Link]) -> Fix:
    words = visit.words
    sources = {one for flow in visit.app.config.flows.values() for one in flow.sources}
    at = [(one.connection, words.translate(vocabulary.OBJECTS.get(one.object, one.object)), one.external_id)
          for one in links if one.connection in sources]  # fmt: skip
    return Fix(
        address(fault.id), fault.kind, called(lead, words) if lead else "", fault.lead, where(fault, words),
        reason(fault, words), fault.next, fault.owner, words.moment(fault.since) if fault.since else "", fault.seen,
        bool(fault.row_id) or (fault.item is not None and can_be_tried(fault.item)), at,
        _mendable(visit, fault, lead),
    )  # fmt: skip


def _mendable(visit: Visit, fault: Fault, lead: Lead | None) -> list[tuple[str, str, str]]:
    """The fields of a lead that may be mended here: (name, in words, value); of one that is on the desk."""
    if lead is None or fault.item is None or not fault.item.key.startswith(f"{MEND}:"):
        return []
    flow = visit.app.config.flows.get(lead.flow)
    if flow is None or not visit.app.crm(flow.crm).capabilities.in_store:
        return []
    theirs = fields_of(visit.app.config, flow.crm)
    return [(name, field_name(name, visit.translate), str(lead.fields.get(name) or "")) for name in MENDABLE
            if name in theirs]  # fmt: skip


@ROOM.act("/fixes/{number:int}/retry", roles=ROLES)
def retry(visit: Visit, number: int) -> Response:
    """Try a record, a lead, or a field again."""
    return _try_again(visit, _item(visit, number))


@ROOM.act("/fixes/out/{number:int}/retry", roles=ROLES)
def send_again(visit: Visit, number: int) -> Response:
    """Let a write that was refused go out again."""
    with visit.app.store.read() as tx:
        rows = [one for one in tx.outbox.rows(states=STUCK, limit=LOOKED_AT) if one.id == number]
    fault = of_row(rows[0]) if rows else None
    if fault is not None and not _is_mine(visit, fault):
        raise HTTPException(404)
    return _try_again(visit, fault)


@ROOM.act("/fixes/{number:int}/mend", roles=ROLES)
def mend(visit: Visit, number: int) -> Response:
    """Correct the data of a lead that was rejected for it; it comes back."""
    fault = _item(visit, number)
    if fault is None or fault.item is None:
        return visit.back("/fixes", visit.translate(NO_MORE))
    handoff_id = int(fault.item.body.get("handoff") or 0)
    with visit.app.store.read() as tx:
        lead, handoff = tx.intake.leads([fault.lead]).get(fault.lead), tx.handoffs.by_ids([handoff_id]).get(handoff_id)
    known = {name for name, _, _ in _mendable(visit, fault, lead)}
    if handoff is None or not known:
        return visit.back("/fixes", visit.translate(MENDED_ELSEWHERE))
    said = {name: visit.form.text(f"field.{name}")[:500] for name in known if visit.form.text(f"field.{name}")}
    new = {name: value for name, value in said.items() if lead and str(lead.fields.get(name) or "") != value}
    visit.about |= {"lead": fault.lead, "handoff": handoff_id}
    visit.noted["fields"] = ", ".join(sorted(new))
    if new:
        acted = desk_acts.correct(visit.app.runtime(), visit.app.rows, handoff_id, visit.user.email, new)
        visit.noted["what"] = acted.what
    try_again(visit.runtime(), visit.app.rows, [fault])
    return visit.back("/fixes", visit.translate(KEPT))


def _item(visit: Visit, number: int) -> Fault | None:
    """An open item that is this user's to mend; None where it is open no more, 404 where it is another's."""
    with visit.app.store.read() as tx:
        found = [of_item(item) for item in tx.reviews.get([number])]
    if found and not _is_mine(visit, found[0]):
        raise HTTPException(404)
    return found[0] if found else None


def _try_again(visit: Visit, fault: Fault | None) -> Response:
    if fault is None:
        return visit.back("/fixes", visit.translate(NO_MORE))
    if fault.lead:
        visit.about["lead"] = fault.lead
    counts = try_again(visit.runtime(), visit.app.rows, [fault])
    said = [visit.translate(text) for what, text in CAME_OF_IT.items() if counts[what]]
    return visit.back("/fixes", " ".join(said) or visit.translate(NOTHING))


def address(id: str) -> str:
    """Where a fix is tried again: `out-17` is a write, any other number an item."""
    return f"/fixes/out/{id.removeprefix(PREFIX)}" if id.startswith(PREFIX) else f"/fixes/{id}"
