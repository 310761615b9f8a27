"""Submissions of forms, with their answers, and whose they are.

The submissions API (legacy v1; the newer API of forms has definitions alone) is asked form by form and gives
the latest first. So one search asks first whether any contact has submitted anything since
(`recent_conversion_date`); then the forms are asked that those contacts name (`hs_calculated_form_submissions`: ids
of forms with times, as public connectors read it; the shape is unconfirmed, and where it does not tell of the
conversion itself every form is asked). From time to time all are asked, whatever the search says.

A submission names a person by an address alone, which need not be the contact's first one (two contacts that were
merged, an address that changed): the contact is looked up by it. One without an address is nobody's, and is passed
over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from adapters._hubspot.api import SEARCH
from adapters._hubspot.calls import read_many
from adapters._hubspot.cursors import State, decode, earlier, encode, iso, millis, parsed, remember, told_at, unseen
from adapters._hubspot.records import ADDRESSES, CONTACTS, after, begun_again, moved, restarted, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model.errors import ConfigError, Problem
from connector.model.http import Http, Request
from connector.model.records import Page, Record, Window

STREAM = "form_submissions"
FORMS = "/marketing/v3/forms"
SUBMISSIONS = "/form-integrations/v1/submissions/forms"
PAGE, SEARCH_PAGE = 50, 200
_FORMS_PAGE = "100"
_CONVERTED, _SUBMITTED = "recent_conversion_date", "hs_calculated_form_submissions"
#: `<id of a form>::<milliseconds>`
_SUBMISSION = re.compile(r"([0-9A-Fa-f-]{36})::(\d{13})")
_HOUR = 3_600_000
#: So long a search is believed that says that nobody submitted anything.
ALL_EACH = 6 * _HOUR


class FormStream:
    """Pages of submissions. `now` is the present in milliseconds."""

    def __init__(self, http: Http, settings: HubSpotSettings, now: Callable[[], int], lane: int) -> None:
        self.http = http
        self.settings = settings
        self.now = now
        self.lane = lane

    def pull(self, cursor: str, window: Window | None) -> Iterator[Page]:
        """What was submitted after `cursor`, or within `window`."""
        state = decode(cursor)
        if window is not None and "asked" in state:
            return
        if "round" not in state:
            begun = self._converted(state) if window is None else {}
            if begun is None:
                return
            state = {**state, **begun}
        names, now = self._forms()
        state = {"round": now, **state}
        named: dict[str, int] = state.get("named", {})
        wanted = [form for form in named if form in names or not self.settings.forms] if named else names
        for form in sorted(wanted):
            if form >= str(state.get("form", "")):
                for records, following in self._form(form, names.get(form, form), state, window):
                    state = {**following, "form": form}
                    yield Page(STREAM, records, encode(state))
        ended = encode(self._ended(state, {form: named.get(form, 0) for form in wanted}))
        if ended != cursor:
            yield Page(STREAM, [], ended)

    def _ended(self, state: State, named: Mapping[str, int]) -> State:
        """Where the next round begins: where this one did, if a submission that a contact names is not there yet."""
        forms: State = state.get("forms", {})
        if all(int(forms.get(form, {}).get("since", 0)) >= at for form, at in named.items()):
            return {"forms": forms, "asked": state["round"], "converted": state.get("found")}
        return {"forms": forms, "asked": state.get("asked"), "converted": state.get("converted")}

    def _converted(self, state: State) -> State | None:
        """What a round begins with; None where nobody submitted anything whom we did not know of.

        `found` are contacts who did of late, and when; `named` the forms they name, and when, absent for all forms.
        """
        if not 0 <= self.now() - int(state.get("asked", 0)) < ALL_EACH:
            return {}
        since = earlier(int(state["asked"]), self.settings.overlap_seconds)
        body = {
            "filterGroups": [{"filters": [{"propertyName": _CONVERTED, "operator": "GTE", "value": str(since)}]}],
            "sorts": [_CONVERTED], "properties": [_CONVERTED, _SUBMITTED], "limit": SEARCH_PAGE, "after": "0",
        }  # fmt: skip
        asked = Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH, lane=self.lane)
        answer = self.http.read(asked)
        found = results(answer.json(), CONTACTS)
        times = {str(one["id"]): parsed(one["properties"].get(_CONVERTED)) for one in found}
        known = state.get("converted", {})
        fresh = [one for one in found if known.get(str(one["id"])) != times[str(one["id"])]]
        begun = {"round": told_at(answer, self.now()), "found": times}
        if len(found) >= SEARCH_PAGE or after(answer.json()):
            return begun
        return begun | {"named": self._named(fresh, times, since)} if fresh else None

    def _named(self, found: Sequence[Mapping[str, Any]], times: Mapping[str, int], since: int) -> dict[str, int]:
        """The forms that these contacts say they submitted; none where one of them does not say."""
        named: dict[str, int] = {}
        for one in found:
            told = [(form, int(at)) for form, at in _SUBMISSION.findall(str(one["properties"].get(_SUBMITTED) or ""))]
            late = [(form, at) for form, at in told if at >= since]
            # Calculated later than the date, perhaps: then the latest submission is not among them yet.
            if max((at for _, at in late), default=0) < times[str(one["id"])] // 1000 * 1000:
                return {}
            for form, at in late:
                named[form] = max(at, named.get(form, 0))
        return named

    def _forms(self) -> tuple[dict[str, str], int]:
        """(names by id, of those that are wanted; the portal's time). Raises ConfigError for one that is not there."""
        names: dict[str, str] = {}
        token = ""
        while True:
            query = {"limit": _FORMS_PAGE, "formTypes": "all", **({"after": token} if token else {})}
            answer = self.http.read(Request("GET", FORMS, query=query, reads=True, lane=self.lane))
            names |= {str(one["id"]): str(one.get("name") or one["id"]) for one in results(answer.json(), FORMS)}
            following = moved(after(answer.json()), token, FORMS)
            if not following:
                return self._wanted(names), told_at(answer, self.now())
            token = following

    def _wanted(self, names: dict[str, str]) -> dict[str, str]:
        if not self.settings.forms:
            return names
        wanted = set(self.settings.forms)
        missing = sorted(wanted - names.keys() - set(names.values()))
        if missing:
            from difflib import get_close_matches

            known = list(names.values())
            raise ConfigError([_missing(name, get_close_matches(name, known, n=1), known) for name in missing])
        return {id: name for id, name in names.items() if id in wanted or name in wanted}

    def _form(self, form: str, name: str, state: State, window: Window | None) -> Iterator[tuple[list[Record], State]]:
        """The submissions of one form since it was read, latest first; its place moves when all are read."""
        place: State = state.get("forms", {}).get(form, {})
        since = millis(window.since) if window else earlier(int(place.get("since", 0)), self.settings.overlap_seconds)
        until = millis(window.until) if window else None
        newest, kept = int(place.get("newest") or place.get("since") or 0), dict(place.get("kept", {}))
        token, restarts = str(place.get("after", "")), 0
        while True:
            page = self._read(form, token)
            if page is None:
                token, restarts, place = "", restarted(restarts, SUBMISSIONS), begun_again(place)
                continue
            found, following = page
            late = [one for one in found if one[1] >= since and (until is None or one[1] < until)]
            newest = max([newest, *(at for _, at, _ in late)])
            kept = remember(kept, ((id, at) for id, at, _ in late), earlier(newest, self.settings.overlap_seconds))
            ended = not following or any(at < since for _, at, _ in found)
            if ended:
                moved: State = {"since": newest, "seen": kept}
            else:
                moved = {**place, "after": following, "newest": newest, "kept": kept}
            fresh = [one for one in unseen(late, place.get("seen", {})) if _address(one)]
            state = {**state, "forms": {**state.get("forms", {}), form: moved}}
            if fresh or not ended or token:
                people = self._people({_address(one) for one in fresh})
                yield [_record(one, form, name, people) for one in fresh], state
            if ended:
                return
            token = following

    def _people(self, addresses: Collection[str]) -> dict[str, str]:
        """Contacts by addresses, any of those they have. One that the API will not take finds nobody."""
        asked = sorted(address for address in addresses if "@" in address)
        try:
            found = read_many(self.http, CONTACTS, asked, ("email", ADDRESSES), by="email", lane=self.lane)
        except ConfigError:
            return {}
        people: dict[str, str] = {}
        for one in found:
            properties = one["properties"]
            several = f"{properties.get('email') or ''};{properties.get(ADDRESSES) or ''}"
            people |= {address.strip().casefold(): str(one["id"]) for address in several.split(";")}
        return people

    def _read(self, form: str, token: str) -> tuple[list[tuple[str, int, Any]], str] | None:
        """A page and the token of the next; None where the token has ended."""
        query = {"limit": str(PAGE), **({"after": token} if token else {})}
        expected = (400, 404) if token else (404,)
        asked = Request("GET", f"{SUBMISSIONS}/{form}", query=query, reads=True, lane=self.lane, expected=expected)
        answer = self.http.read(asked)
        if answer.status == 400:
            return None
        if answer.status == 404:  # it was deleted since the names were read
            return [], ""
        body = answer.json()
        found = results(body, SUBMISSIONS)
        following = moved(after(body), token, SUBMISSIONS)
        return [(_id(one, form), int(one.get("submittedAt") or 0), one) for one in found], following


def _missing(name: str, near: list[str], known: list[str]) -> Problem:
    allowed = "" if near else ", ".join(known[:12])
    what = "the portal has no form %(name)s"
    return Problem(("forms",), what, allowed, near[0] if near else "", values={"name": name})


def _id(one: Mapping[str, Any], form: str) -> str:
    return f"{form}:{one.get('conversionId') or one.get('submittedAt')}"


def _address(one: Mapping[str, Any]) -> str:
    """The address among the answers, "" where there is none."""
    found = [part.get("value") for part in _answers(one) if str(part["name"]).casefold() == "email"]
    return str(found[0] or "").strip() if found else ""


def _answers(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for part in one.get("values") or () if isinstance(part, Mapping) and "name" in part]


def _record(one: Mapping[str, Any], form: str, name: str, people: Mapping[str, str]) -> Record:
    id, address = _id(one, form), _address(one)
    values = {
        "id": id,
        "contact": people.get(address.casefold(), ""),
        "email": address,
        "at": iso(int(one.get("submittedAt") or 0)),
        "event": "form_submission",
        "form": name,
        "form_id": form,
        "page": str(one.get("pageUrl") or ""),
        "answers": [{"name": part["name"], "value": part.get("value")} for part in _answers(one)],
    }
    return Record(id, values, where=id)
