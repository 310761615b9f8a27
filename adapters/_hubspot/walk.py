"""Objects that changed: the first load by list, from then on by search, deletions by the list of the archived.

The list has no filter by time, and gives every object once, in the order of ids. What changes while it is read
is caught by the search that follows it, which begins before the list did.

A search gives 10,000 results at most, its index lags behind the writes, and any number of objects may have one
time of change (an import, a workflow). So what changed since a moment is read in the order of ids, each page asked
for by "id above the last": no page is ever beyond the cap, and ties mean nothing. The next search begins before the
portal's own time of the first answer of this one, by the lag of the index and by the overlap: what changed behind
the place that a walk had reached comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters._hubspot.api import SEARCH
from adapters._hubspot.archived import Bin
from adapters._hubspot.calls import STATUS, read_many
from adapters._hubspot.cursors import State, decode, earlier, encode, parsed, remember, told_at, unseen
from adapters._hubspot.objects import BATCH, Kind
from adapters._hubspot.records import LONGEST, Found, after, begun_again, moved, restarted, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import StreamError
from connector.model.http import Answer, Http, Request

#: Results of a search, at most.
PAGE = 200
#: Minutes after which archived objects are listed again, beside all that is asked of a CRM.
ARCHIVED_EVERY = 60
_DAY = 86_400
#: A cursor that begins a walk of all there are, by id, with no end in sight.
EVERY_ID = '{"id":0,"stop":0}'
#: Objects and where the walk stands after them.
Step = tuple[list[Found], State]


@dataclass(slots=True)
class Walk:
    """Walks one kind of object. `now` is the present in milliseconds, `wanted` the properties asked for.

    `from_now`: what changed before the first walk is not read. `archived`: those that were archived come too,
    with `archived` true. `where` are further filters of the searches.
    """

    http: Http
    settings: HubSpotSettings
    kind: Kind
    wanted: Sequence[str]
    now: Callable[[], int]
    from_now: bool = False
    archived: bool = False
    lane: int = STATUS
    where: Sequence[Mapping[str, object]] = ()

    def pages(self, cursor: str) -> Iterator[tuple[list[Found], str]]:
        """(objects, the cursor behind them). Raises RetryableError, AuthError, ConfigError."""
        for found, state in self._steps(decode(cursor)):
            yield found, encode(state)

    def within(self, cursor: str, since: int, until: int) -> Iterator[tuple[list[Found], str]]:
        """The same of what changed in a window; nothing behind the cursor of its last page."""
        state = decode(cursor)
        if not state or "id" in state:
            for found, following in self._stretch({"since": since, "until": until, **state}):
                yield found, encode(following)

    def _steps(self, state: State) -> Iterator[Step]:
        """A state with `stop` is of a part of the first load: a range of ids, and nothing behind it."""
        if "stop" in state:
            yield from self._stretch(state)
            return
        begun = "since" in state or "listing" in state
        state = state if begun else self._beginning()
        for phase in (self._listed, self._stretch, self._next_stretch, self._archive):
            for found, following in phase(state):
                state, begun = following, True
                yield found, state
        if not begun:
            yield [], state

    def _beginning(self) -> State:
        now = self.now()
        # Of those archived before, a day's are told: what is not known does no harm, and our clock may be ahead.
        bin: State = {"bin": {"since": earlier(now, _DAY), "at": now}} if self.archived else {}
        return {"since": now, **bin} if self.from_now else {"listing": True, **bin}

    def _listed(self, state: State) -> Iterator[Step]:
        """The first load. What changes meanwhile is found by the search that follows, which begins before it."""
        restarts = 0
        while "listing" in state:
            before = str(state.get("after", ""))
            answer = self.http.read(self._list(before))
            if answer.status == 400:
                # The token has ended. What follows the list still begins before its first page.
                restarts = restarted(restarts, self.kind.path)
                state = begun_again(state)
                continue
            found = results(answer.json(), self.kind.path)
            token = moved(after(answer.json()), before, self.kind.path)
            start = int(state.get("start") or told_at(answer, self.now()))
            seen = remember(state.get("seen", {}), self._changes(found), self._overlap(start))
            state = {**_bin(state), "seen": seen} | (
                {"listing": True, "start": start, "after": token, "again": state.get("again")}
                if token
                else {"since": start}
            )
            yield self._whole(found), state

    def _list(self, token: str) -> Request:
        inline = [self.kind.changed] if self._apart() else [*self.wanted, self.kind.changed]
        query = {"limit": str(BATCH), "archived": "false", "properties": ",".join(dict.fromkeys(inline))}
        if token:
            query["after"] = token
        expected = (400,) if token else ()
        return Request("GET", self.kind.path, query=query, reads=True, lane=self.lane, expected=expected)

    def _next_stretch(self, state: State) -> Iterator[Step]:
        if "id" not in state:
            yield from self._stretch({**state, "id": 0, "since": self._overlap(int(state["since"]))})

    def _stretch(self, state: State) -> Iterator[Step]:
        """What changed since a moment, or the rest of it. Yields nothing where nothing is new in it."""
        if "id" not in state and "until" not in state:
            return
        known: Mapping[str, int] = state.get("seen", {})
        seen, begun = dict(known), bool(state.get("id"))
        while True:
            answer = self.http.read(self._search(state))
            found = results(answer.json(), self.kind.path)
            if not found and after(answer.json()):
                # Nothing, and more behind it: the index is not well. Taken for the end, it would lose the rest.
                raise StreamError(f"{self.kind.path}/search: {sentences.ANSWER_INCOMPLETE}")
            settled = int(state.get("settled") or self._settled(answer))
            whole = not found or (len(found) < PAGE and not after(answer.json()))
            last = self._last(found, int(state.get("id", 0)), whole=whole)
            seen = remember(seen, self._changes(found), self._overlap(settled))
            fresh = unseen(((str(one["id"]), self._changed(one), one) for one in found), known)
            state = {**state, "id": last, "settled": settled}
            following = self._ended(state, seen) if whole else state
            if fresh or not whole or begun:
                begun = True
                yield self._whole(fresh), following
            if whole:
                return

    def _settled(self, answer: Answer) -> int:
        """Until when this answer knows everything."""
        return earlier(told_at(answer, self.now()), self.settings.lag_seconds)

    def _last(self, found: Sequence[Found], before: int, *, whole: bool) -> int:
        """The highest id of a page. Raises RetryableError where the next page would leave something out."""
        ids = [int(one["id"]) for one in found]
        if not whole and (ids[0] <= before or ids != sorted(ids)):
            raise StreamError(f"{self.kind.path}/search: {sentences.CURSOR_STANDS}")
        return max(ids, default=before)

    def _ended(self, state: State, seen: State) -> State:
        if "until" in state or "stop" in state:
            return {"since": state.get("until"), "stop": state.get("stop")}
        return {**_bin(state), "since": state["settled"], "seen": seen}

    def _search(self, state: State) -> Request:
        changed = self.kind.changed
        bounds = (
            (changed, "GTE", state.get("since")), (changed, "LT", state.get("until")),
            ("hs_object_id", "GT", state.get("id")), ("hs_object_id", "LTE", state.get("stop")),
        )  # fmt: skip
        filters = [{"propertyName": name, "operator": how, "value": str(end)} for name, how, end in bounds if end]
        inline = [changed] if self._apart() else [*self.wanted, changed]
        body = {
            "filterGroups": [{"filters": [*filters, *self.where]}], "sorts": ["hs_object_id"],
            "properties": list(dict.fromkeys(inline)), "limit": PAGE, "after": "0",
        }  # fmt: skip
        return Request("POST", f"{self.kind.path}/search", json=body, reads=True, rate=SEARCH, lane=self.lane)

    def _archive(self, state: State) -> Iterator[Step]:
        """Those that were archived since they were last listed."""
        if self.archived:
            bin = Bin(self.http, self.settings, self.kind, self.now, self.lane, ARCHIVED_EVERY)
            for gone, following in bin.steps(state.get("bin", {})):
                yield gone, {**state, "bin": following}

    def _overlap(self, at: int) -> int:
        return earlier(at, self.settings.overlap_seconds)

    def _apart(self) -> bool:
        """Whether there are too many properties for one request: objects are found first, then read by id."""
        return sum(len(name) + 3 for name in self.wanted) > LONGEST - 600

    def _whole(self, found: Sequence[Found]) -> list[Found]:
        if not self._apart():
            return list(found)
        return read_many(self.http, self.kind.path, [str(one["id"]) for one in found], self.wanted, lane=self.lane)

    def _changes(self, found: Sequence[Found]) -> list[tuple[str, int]]:
        return [(str(one["id"]), self._changed(one)) for one in found]

    def _changed(self, one: Found) -> int:
        properties: Mapping[str, str] = one["properties"]
        return parsed(properties.get(self.kind.changed) or one.get("updatedAt"))


def _bin(state: State) -> State:
    """What of a state is about the archived."""
    return {"bin": state["bin"]} if "bin" in state else {}
