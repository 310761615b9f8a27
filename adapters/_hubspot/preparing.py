"""What a portal must be given before Baton can write to it: a group, properties, lists."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from adapters._hubspot.records import results
from adapters._hubspot.vocabulary import PROPERTIES, properties
from connector.model import sentences
from connector.model.adapter import SetupStep
from connector.model.errors import ConfigError, RetryableError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import NotExecuted, Unknown

GROUP = "baton"
LISTS = "/crm/v3/lists"
#: HubSpot's id for the type contact.
_CONTACT = "0-1"
_NUMBERS = ("baton_score", "baton_rating", "baton_contacted_in", "baton_amount")
_LONG = ("baton_why",)
#: Our keys: no two objects may have the same. That cannot be set later.
_UNIQUE = ("baton_id", "baton_key")


def property_steps(http: Http, written: Iterable[str], type: str = "contacts") -> list[SetupStep]:
    """A step for each property that is written to objects of `type`, and for the group of those not there yet.

    Only properties whose name begins with `baton_` are made: any other name that is not there is a slip of
    the pen, and is told with the steps by hand.
    """
    there = {str(one["name"]) for one in properties(http, type)}
    names = [name.lower() for name in written]
    missing = [name for name in names if name not in there]
    steps = [] if not any(map(_ours, missing)) else [_group_step(http, type)]
    return steps + [_property_step(http, name, name in there, type) for name in names if _ours(name) or name in missing]


def _ours(name: str) -> bool:
    return name.startswith("baton_")


def _group_step(http: Http, type: str) -> SetupStep:
    groups = results(http.read(Request("GET", f"{PROPERTIES}/{type}/groups", reads=True)).json(), PROPERTIES)
    there = any(one["name"] == GROUP for one in groups)
    make = Request("POST", f"{PROPERTIES}/{type}/groups", json={"name": GROUP, "label": "Baton"})
    what = sentences.SETUP_GROUP % {"name": GROUP, "type": type}
    return SetupStep(what, there, partial(_made, http, make, what))


def _property_step(http: Http, name: str, there: bool, type: str) -> SetupStep:
    what = sentences.SETUP_PROPERTY % {"name": name, "type": type}
    if not _ours(name):
        by_hand = (sentences.SETUP_PROPERTY_LOOK % {"name": name}, sentences.SETUP_WRITTEN_OR)
        return SetupStep(what, there, None, by_hand)
    make = Request("POST", f"{PROPERTIES}/{type}", json=_definition(name))
    return SetupStep(what, there, partial(_made, http, make, what))


def _definition(name: str) -> dict[str, Any]:
    kind, shown = ("number", "number") if name in _NUMBERS else ("string", "textarea" if name in _LONG else "text")
    label = "Baton: " + name.removeprefix("baton_").replace("_", " ")
    made = {"name": name, "label": label, "type": kind, "fieldType": shown, "groupName": GROUP, "formField": False}
    return made | ({"hasUniqueValue": True} if name in _UNIQUE else {})


def list_steps(http: Http, names: Iterable[str]) -> list[SetupStep]:
    """A step for each list that leads join and leave: lists of contacts whose members are set, not found."""
    steps = []
    for name in names:
        path = f"{LISTS}/object-type-id/{_CONTACT}/name/{quote(name, safe='')}"
        look = Request("GET", path, reads=True, expected=(404,))
        body = {"name": name, "objectTypeId": _CONTACT, "processingType": "MANUAL"}
        make = Request("POST", LISTS, json=body)
        what = sentences.SETUP_LIST % {"name": name}
        steps.append(SetupStep(what, _is_there(http, look), partial(_made_unless, http, look, make, what)))
    return steps


def _is_there(http: Http, look: Request) -> bool:
    return http.read(look).status != 404


def _made_unless(http: Http, look: Request, make: Request, what: str) -> None:
    """A second list of one name is refused as a wrong value is (400): another setup may have been faster."""
    try:
        _made(http, make, what)
    except ConfigError:
        if not _is_there(http, look):
            raise


def _made(http: Http, request: Request, what: str) -> None:
    answer = http.send(request)
    if isinstance(answer, NotExecuted | Unknown):
        raise RetryableError(f"{what}: {answer.reason}")
    if not _is_done(answer):
        raise ConfigError(f"{what}: {_words(answer)}")


def _is_done(answer: Answer) -> bool:
    """Made, or there already (409): another setup was faster."""
    return 200 <= answer.status < 300 or answer.status == 409


def _words(answer: Answer) -> str:
    from adapters._hubspot.api import read_error

    try:
        code, words, _ = read_error(answer.json())
    except ValueError:
        code, words = "", ""
    return " ".join(part for part in (str(answer.status), code, words) if part)
