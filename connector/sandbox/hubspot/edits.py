"""What people do in the portal itself: reps, marketers, admins, and the prospects. For tests and for users' own trials.

Each is a JSON object whose `do` names it; the rest is described at the function. A ValueError or KeyError tells the
caller what was wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.sandbox.hubspot import consent, people
from connector.sandbox.hubspot.errors import Refused
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import Portal, object_named
from connector.sandbox.hubspot.properties import Definition, checked
from connector.sandbox.hubspot.records import shown
from connector.sandbox.hubspot.table import Row

Wish = dict[str, Any]


def edit(portal: Portal, wish: Wish) -> Any:
    """Do what is wished; returns the record where there is one."""
    if wish.get("do") not in EDITS:
        raise ValueError(f"no edit {wish.get('do')!r}: one of {', '.join(sorted(EDITS))}")
    with portal.lock:
        try:
            return EDITS[wish["do"]](portal, wish) or {}
        except Refused as refused:
            raise ValueError(str(refused)) from refused


def look(portal: Portal, query: dict[str, list[str]]) -> Any:
    """What the portal holds: counts; with `object` its records, with `id` one of them."""
    with portal.lock:
        if "object" not in query:
            return {"portalId": portal.portal_id, "lists": {one.name: sorted(one.members)
                    for one in portal.lists.values()}} | {name: sum(not row.archived for row in table.rows.values())
                    for name, table in portal.tables.items()}  # fmt: skip
        object = object_named(query["object"][0])
        if "id" in query:
            return _everything(portal, object, _row(portal, object, query["id"][0]))
        return [_everything(portal, object, row) for row in portal.tables[object].rows.values()]


def _everything(portal: Portal, object: str, row: Row) -> Any:
    return shown(portal, object, row, portal.tables[object].properties(row))


def _row(portal: Portal, object: str, id: str) -> Row:
    row = portal.tables[object].get(id)
    if row is None:
        raise ValueError(f"no record {id} in {object}")
    return row


def _named(portal: Portal, wish: Wish) -> tuple[str, Row]:
    object = object_named(wish.get("object", "contacts"))
    return object, _row(portal, object, str(wish["id"]))


def _values(portal: Portal, object: str, wish: Wish) -> dict[str, str]:
    """A person in the platform may set what the API may not (a read-only property), but nothing impossible."""
    definitions = {
        name: Definition(**{key: getattr(one, key) for key in one.__slots__} | {"read_only": False})
        for name, one in portal.properties[object].items()
        if name in wish["properties"]
    }
    clean, wrong = checked(definitions, wish["properties"], lambda external: portal.allowed(external, object))
    if wrong:
        raise ValueError("; ".join(one.message for one in wrong))
    return clean


def _create(portal: Portal, wish: Wish) -> Any:
    """`object`, `properties`."""
    object = object_named(wish.get("object", "contacts"))
    row = portal.tables[object].add(portal.next_id(), _values(portal, object, wish), portal.now(), portal.now())
    return _everything(portal, object, row)


def _change(portal: Portal, wish: Wish) -> Any:
    """`object`, `id` (or `ids`, all at the same moment), `properties`. A person may set a stage back."""
    object = object_named(wish.get("object", "contacts"))
    values = _values(portal, object, wish)
    for id in wish.get("ids") or [wish["id"]]:
        portal.tables[object].change(_row(portal, object, str(id)), values, portal.now())
    return None


def _archive(portal: Portal, wish: Wish) -> None:
    """`object`, `id`: into the recycle bin."""
    object, row = _named(portal, wish)
    portal.tables[object].archive(row, portal.now())


def _restore(portal: Portal, wish: Wish) -> None:
    """`object`, `id`: back from the recycle bin."""
    object, row = _named(portal, wish)
    portal.tables[object].restore(row, portal.now())


def _erase(portal: Portal, wish: Wish) -> None:
    """`object`, `id`: for good, as the law asks for it."""
    object, row = _named(portal, wish)
    portal.tables[object].remove(row)


def _merge(portal: Portal, wish: Wish) -> Any:
    """`object`, `id` (whose values count), `loser`; both are one new record."""
    object, row = _named(portal, wish)
    return _everything(portal, object, portal.merge(object, row, _row(portal, object, str(wish["loser"]))))


def _deactivate(portal: Portal, wish: Wish) -> None:
    """`owner`: the user leaves; the records stay theirs."""
    portal.owners[str(wish["owner"])].active = False


def _activate(portal: Portal, wish: Wish) -> None:
    """`owner`: the user is back."""
    portal.owners[str(wish["owner"])].active = True


def _options(portal: Portal, wish: Wish) -> None:
    """`object`, `property`, `options` ([[value, label], ...]): an admin changes a choice."""
    object = object_named(wish.get("object", "contacts"))
    portal.properties[object][wish["property"]].options = [(value, label) for value, label in wish["options"]]


def _drop_property(portal: Portal, wish: Wish) -> None:
    """`object`, `property`: an admin deletes a property."""
    del portal.properties[object_named(wish.get("object", "contacts"))][wish["property"]]


def _unsubscribe(portal: Portal, wish: Wish) -> None:
    """`id`: somebody follows the link in an email (`campaign`)."""
    _, row = _named(portal, wish)
    email = portal.tables["contacts"].value(row, "email")
    consent.leave(portal, email)
    portal.emails.add(portal.now(), email, "STATUSCHANGE", (str(wish.get("campaign", 901)), "", "0"))


def _email(portal: Portal, wish: Wish) -> None:
    """`id`, `type` (OPEN, CLICK, BOUNCE ...), `campaign`, `url`, `filtered`, `at` (milliseconds): an email's event."""
    _, row = _named(portal, wish)
    email = portal.tables["contacts"].value(row, "email")
    details = (str(wish.get("campaign", 901)), wish.get("url", ""), "1" if wish.get("filtered") else "0")
    portal.emails.add(int(wish.get("at", portal.now())), email, wish["type"], details)


def _submit(portal: Portal, wish: Wish) -> None:
    """`id`, `form` (its name or id), `values`, `page`, `at`: a form is sent in."""
    _, row = _named(portal, wish)
    form = next((id for id, name in portal.forms.items() if wish["form"] in (id, name)), "")
    values = {"email": portal.tables["contacts"].value(row, "email"), **wish.get("values", {})}
    pairs = tuple(part for pair in values.items() for part in pair)
    page = wish.get("page", people.SITE + "/demo")
    at = int(wish.get("at", portal.now()))
    portal.submissions[form].add(at, row.id, form, (page, *pairs))
    table = portal.tables["contacts"]
    before = table.value(row, "hs_calculated_form_submissions")
    told = {
        "recent_conversion_event_name": portal.forms[form],
        "recent_conversion_date": iso(at),
        "hs_calculated_form_submissions": ";".join(filter(None, [before, f"{form}::{at}"])),
    }
    table.change(row, told, portal.now())


def _visit(portal: Portal, wish: Wish) -> None:
    """`id`, `url`, `type` (e_visited_page unless said), `properties`, `at`: an event of the website."""
    _, row = _named(portal, wish)
    properties = {"hs_url": wish.get("url", people.SITE), **wish.get("properties", {})}
    pairs = tuple(part for pair in properties.items() for part in pair)
    portal.events.add(int(wish.get("at", portal.now())), row.id, wish.get("type", "e_visited_page"), pairs)


def _withdraw(portal: Portal, _wish: Wish) -> None:
    """The app is removed: no token is good any more."""
    portal.tokens.withdraw()


def _close(portal: Portal, wish: Wish) -> None:
    """`path`: the token loses the scope for everything below it."""
    portal.closed.add(wish["path"])


def _limits(portal: Portal, wish: Wish) -> None:
    """`ten_secondly`, `daily`, `searches_per_second`, `retry_after`: other limits; 0 for none."""
    for name in ("ten_secondly", "daily", "searches_per_second", "retry_after"):
        if name in wish:
            setattr(portal.limits, name, wish[name])


EDITS: dict[str, Callable[[Portal, Wish], Any]] = {
    "create": _create,
    "change": _change,
    "archive": _archive,
    "restore": _restore,
    "erase": _erase,
    "merge": _merge,
    "deactivate_owner": _deactivate,
    "activate_owner": _activate,
    "set_options": _options,
    "drop_property": _drop_property,
    "unsubscribe": _unsubscribe,
    "email": _email,
    "submit": _submit,
    "visit": _visit,
    "withdraw": _withdraw,
    "close": _close,
    "limits": _limits,
}
