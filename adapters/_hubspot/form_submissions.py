"""Submissions of forms, with their answers; the email among them says whose they are.

The submissions API (legacy v1; the newer API of forms has definitions alone) is asked form by form and gives
the latest first. Where there are several forms, one search asks first whether any contact has submitted
anything since (`recent_conversion_date`), and only then each form is asked; from time to time all are asked
whatever the search says. A submission without an email is nobody's, and is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import State, decode, earlier, encode, iso, millis, parsed, remember, unseen
from adapters._hubspot.records import CONTACTS, after, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import ConfigError, Problem, RetryableError
from connector.model.http import Http, Request
from connector.model.records import Page, Record, Window

STREAM = "form_submissions"
FORMS = "/marketing/v3/forms"
SUBMISSIONS = "/form-integrations/v1/submissions/forms"
PAGE, SEARCH_PAGE = 50, 200
_FORMS_PAGE = 100
_CONVERTED = "recent_conversion_date"
_HOUR = 3_600_000
#: So long the names of forms are believed, and a search that says that nobody submitted anything.
NAMES_FOR, ALL_EACH = _HOUR // 12, 6 * _HOUR


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
        converted: dict[str, int] | None = state.get("round_of", {})
        if window is None and "round" not in state:
            converted = self._converted(state)
            if converted is None:
                return
        state, news = self._named({**state, "round_of": converted})
        begun = int(state.get("round", self.now()))
        done: list[str] = list(state.get("done", []))
        for form in [form for form in state["names"] if form not in done]:
            for records, following in self._form(form, {**state, "round": begun}, window):
                news, state = True, following
                yield Page(STREAM, records, encode({**state, "done": done}))
            done.append(form)
        # Where there are several forms, that all were asked is news too: the search goes on from there.
        kept = {name: value for name, value in state.items() if name not in ("round", "round_of", "done")}
        ended = encode({**kept, "asked": begun, "converted": converted})
        if (news or len(state["names"]) > 1) and ended != cursor:
            yield Page(STREAM, [], ended)

    def _named(self, state: State) -> tuple[State, bool]:
        """The state with the names of forms, and whether they had to be read."""
        if state.get("names") and self.now() < int(state.get("listed", 0)) + NAMES_FOR:
            return state, False
        return {**state, "names": self._forms(), "listed": self.now()}, True

    def _converted(self, state: State) -> dict[str, int] | None:
        """Contacts who submitted something of late, and when; None where nobody did whom we did not know of."""
        if len(state.get("names", {})) < 2 or self.now() >= int(state.get("asked", 0)) + ALL_EACH:
            return {}
        since = earlier(int(state["asked"]), self.settings.overlap_seconds)
        filters = [{"propertyName": _CONVERTED, "operator": "GTE", "value": str(since)}]
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [_CONVERTED],
            "properties": [_CONVERTED],
            "limit": SEARCH_PAGE,
            "after": "0",
        }
        asked = Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH, lane=self.lane)
        found = results(self.http.read(asked).json(), CONTACTS)
        times = {str(one["id"]): parsed(one["properties"].get(_CONVERTED)) for one in found}
        known = state.get("converted", {})
        if len(found) < SEARCH_PAGE and all(known.get(id) == at for id, at in times.items()):
            return None
        return times

    def _forms(self) -> dict[str, str]:
        """Names by id, of those that are wanted. Raises ConfigError for a form that is not there."""
        names: dict[str, str] = {}
        token = ""
        while True:
            query = {"limit": str(_FORMS_PAGE), **({"after": token} if token else {})}
            body = self.http.read(Request("GET", FORMS, query=query, reads=True, lane=self.lane)).json()
            names.update({str(one["id"]): str(one.get("name") or one["id"]) for one in results(body, FORMS)})
            following = after(body)
            if not following or following == token:
                return self._wanted(names)
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

    def _form(self, form: str, state: State, window: Window | None) -> Iterator[tuple[list[Record], State]]:
        """The submissions of one form since it was read, latest first; its place moves when all are read."""
        place: State = state.get("forms", {}).get(form, {})
        since = millis(window.since) if window else earlier(int(place.get("since", 0)), self.settings.overlap_seconds)
        until = millis(window.until) if window else None
        newest, kept = int(place.get("newest") or place.get("since") or 0), dict(place.get("kept", {}))
        token = str(place.get("after", ""))
        while True:
            found, following = self._read(form, token)
            late = [one for one in found if one[1] >= since and (until is None or one[1] < until)]
            newest = max([newest, *(at for _, at, _ in late)])
            kept = remember(kept, ((id, at) for id, at, _ in late), earlier(newest, self.settings.overlap_seconds))
            ended = not following or any(at < since for _, at, _ in found)
            if ended:
                moved: State = {"since": newest, "seen": kept}
            else:
                moved = {**place, "after": following, "newest": newest, "kept": kept}
            fresh = unseen(late, place.get("seen", {}))
            state = {**state, "forms": {**state.get("forms", {}), form: moved}}
            records = [_record(one, form, state["names"][form]) for one in fresh]
            if fresh or not ended or token:
                yield [one for one in records if one.values["email"]], state
            if ended:
                return
            token = following

    def _read(self, form: str, token: str) -> tuple[list[tuple[str, int, Any]], str]:
        query = {"limit": str(PAGE), **({"after": token} if token else {})}
        asked = Request("GET", f"{SUBMISSIONS}/{form}", query=query, reads=True, lane=self.lane, expected=(404,))
        answer = self.http.read(asked)
        if answer.status == 404:  # it was deleted since the names were read
            return [], ""
        body = answer.json()
        found = results(body, SUBMISSIONS)
        following = after(body)
        if following and following == token:
            raise RetryableError(f"{SUBMISSIONS}: {sentences.CURSOR_STANDS}")
        return [(_id(one, form), int(one.get("submittedAt") or 0), one) for one in found], following


def _missing(name: str, near: list[str], known: list[str]) -> Problem:
    allowed = "" if near else ", ".join(known[:12])
    what = "the portal has no form %(name)s"
    return Problem(("forms",), what, allowed, near[0] if near else "", values={"name": name})


def _id(one: Mapping[str, Any], form: str) -> str:
    return f"{form}:{one.get('conversionId') or one.get('submittedAt')}"


def _record(one: Mapping[str, Any], form: str, name: str) -> Record:
    answers = [part for part in one.get("values") or () if isinstance(part, Mapping) and "name" in part]
    emails = [str(part.get("value") or "") for part in answers if str(part["name"]).casefold() == "email"]
    id = _id(one, form)
    values = {
        "id": id,
        "email": emails[0].strip() if emails else "",
        "at": iso(int(one.get("submittedAt") or 0)),
        "event": "form_submission",
        "form": name,
        "form_id": form,
        "page": str(one.get("pageUrl") or ""),
        "answers": [{"name": part["name"], "value": part.get("value")} for part in answers],
    }
    return Record(id, values, where=id)
