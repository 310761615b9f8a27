"""Objects that changed: the first load by list, from then on by search, deletions by the list of the archived.

As for contacts (adapters/_hubspot/contacts.py): a stretch of time that has ended, as far as the search index
knows, is read in the order of ids, each page by "id above the last", so that neither the cap of 10,000 results nor
any number of objects with one time of change stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters._hubspot.api import SEARCH
from adapters._hubspot.calls import STATUS, read_many
from adapters._hubspot.cursors import State, decode, earlier, encode, parsed, remember, unseen
from adapters._hubspot.objects import BATCH, Kind
from adapters._hubspot.records import LONGEST, Found, after, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.http import Http, Request

#: Results of a search, at most.
PAGE = 200
#: Milliseconds after which the archived objects are listed again: that list cannot be asked for what is new in it.
ARCHIVED_EVERY = 3_600_000
#: Objects and where the walk stands after them.
Step = tuple[list[Found], State]


@dataclass(slots=True)
class Walk:
    """Walks one kind of object. `now` is the present in milliseconds, `wanted` the properties asked for.

    `from_now`: what changed before the first walk is not read. `archived`: those that were archived come too,
    with `archived` true.
    """

    http: Http
    settings: HubSpotSettings
    kind: Kind
    wanted: Sequence[str]
    now: Callable[[], int]
    from_now: bool = False
    archived: bool = False

    def pages(self, cursor: str) -> Iterator[tuple[list[Found], str]]:
        """(objects, the cursor behind them). Raises RetryableError, AuthError, ConfigError."""
        for found, state in self._steps(decode(cursor)):
            yield found, encode(state)

    def _steps(self, state: State) -> Iterator[Step]:
        begun = bool(state)
        state = state or self._beginning()
        for phase in (self._listed, self._stretch, self._next_stretch, self._archive):
            for found, following in phase(state):
                state, begun = following, True
                yield found, state
        if not begun:
            yield [], state

    def _beginning(self) -> State:
        now = self.now()
        return {"since": now, "archived_at": now} if self.from_now else {"start": now, "archived_at": now}

    def _listed(self, state: State) -> Iterator[Step]:
        """The first load. What changes meanwhile is found by the search that follows, which begins before it."""
        if "start" not in state:
            return
        overlap = earlier(int(state["start"]), self.settings.overlap_seconds)
        while True:
            found, token = self._list(state.get("after", ""), archived=False)
            seen = remember(state.get("seen", {}), self._changes(found), overlap)
            following: State = {**state, "after": token, "seen": seen}
            if not token:
                following = {"since": state["start"], "archived_at": state["archived_at"], "seen": seen}
            state = following
            yield found, state
            if not token:
                return

    def _list(self, token: str, *, archived: bool) -> tuple[list[Found], str]:
        inline = [] if self._apart() else list(self.wanted)
        query = {"limit": str(BATCH), "archived": str(archived).lower(), "properties": ",".join(inline)}
        body = self.http.read(
            Request("GET", self.kind.path, query=query | ({"after": token} if token else {}), reads=True, lane=STATUS)
        ).json()
        following = after(body)
        if token and following == token:
            raise RetryableError(f"{self.kind.path}: {sentences.CURSOR_STANDS}")
        found = results(body, self.kind.path)
        return found if archived else self._whole(found), following

    def _next_stretch(self, state: State) -> Iterator[Step]:
        until = earlier(self.now(), self.settings.lag_seconds)
        since = earlier(int(state["since"]), self.settings.overlap_seconds)
        if "until" not in state and since < until:
            yield from self._stretch({**state, "since": since, "until": until})

    def _stretch(self, state: State) -> Iterator[Step]:
        """One stretch of time, or the rest of it. Yields nothing where nothing is new in it."""
        if "until" not in state:
            return
        until, known = int(state["until"]), state.get("seen", {})
        overlap = earlier(until, self.settings.overlap_seconds)
        seen = remember({}, known.items(), overlap)
        begun = "id" in state
        while True:
            found = results(self.http.read(self._search(state)).json(), self.kind.path)
            seen = remember(seen, self._changes(found), overlap)
            fresh = unseen(((str(one["id"]), self._changed(one), one) for one in found), known)
            whole = len(found) < PAGE
            last = max((int(one["id"]) for one in found), default=0)
            if not whole and last <= int(state.get("id", 0)):
                raise RetryableError(f"{self.kind.path}/search: {sentences.CURSOR_STANDS}")
            state = {**state, "id": last}
            following = {"since": until, "archived_at": state["archived_at"], "seen": seen} if whole else state
            if fresh or not whole or begun:
                begun = True
                yield self._whole(fresh), following
            if whole:
                return

    def _search(self, state: State) -> Request:
        changed = self.kind.changed
        filters = [
            {"propertyName": changed, "operator": "GTE", "value": str(state["since"])},
            {"propertyName": changed, "operator": "LT", "value": str(state["until"])},
        ]
        if state.get("id"):
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": str(state["id"])})
        body = {
            "filterGroups": [{"filters": filters}], "sorts": ["hs_object_id"], "limit": PAGE, "after": "0",
            "properties": [changed] if self._apart() else [*self.wanted, changed],
        }  # fmt: skip
        return Request("POST", f"{self.kind.path}/search", json=body, reads=True, rate=SEARCH, lane=STATUS)

    def _archive(self, state: State) -> Iterator[Step]:
        """Those that were archived since they were last listed, an hour ago or more."""
        last = int(state.get("archived_at", 0))
        if not self.archived or self.now() - last < ARCHIVED_EVERY:
            return
        begun = int(state.get("listing", self.now()))
        while True:
            found, token = self._list(state.get("bin", ""), archived=True)
            edge = earlier(last, self.settings.overlap_seconds)
            gone = [one for one in found if parsed(one.get("archivedAt") or one.get("updatedAt")) >= edge]
            state = {**state, "bin": token, "listing": begun}
            if not token:
                state = {
                    **{name: state[name] for name in state if name not in ("bin", "listing")},
                    "archived_at": begun,
                }
            yield gone, state
            if not token:
                return

    def _apart(self) -> bool:
        """Whether there are too many properties for one request: objects are found first, then read by id."""
        return sum(len(name) + 3 for name in self.wanted) > LONGEST - 600

    def _whole(self, found: Sequence[Found]) -> list[Found]:
        if not self._apart():
            return list(found)
        return read_many(self.http, self.kind.path, [str(one["id"]) for one in found], self.wanted)

    def _changes(self, found: Sequence[Found]) -> list[tuple[str, int]]:
        return [(str(one["id"]), self._changed(one)) for one in found]

    def _changed(self, one: Found) -> int:
        properties: Mapping[str, str] = one["properties"]
        return parsed(properties.get(self.kind.changed) or one.get("updatedAt"))
