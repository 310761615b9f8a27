"""What is published beside the leads: pages of a Doc, and goals with their key results.

Neither has a place for an id of ours. A page carries our key as its subtitle, a goal as the last line of its
description; a key result is known by its name within its goal. Each is looked for before anything is made, so that the
same again changes nothing. (The published descriptions: Docs are calls of v3, goals of v2.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters._clickup import values as clickup
from adapters._clickup.around import key_of, with_key
from adapters._clickup.board import BUILT_IN, Board, Boards
from adapters._clickup.cursors import millis
from adapters._clickup.sending import Sending, StoppedError
from adapters._clickup.settings import ClickUpSettings
from adapters._words import fold
from connector.model import sentences
from connector.model.adapter import Context, FindItem
from connector.model.answers import understood
from connector.model.errors import AuthError, BatonError, RetryableError
from connector.model.http import Http, Request
from connector.model.outbox import LANES, Done, NotExecuted, Outcome, Refused, Unknown
from connector.model.publishing import Goal, PublishedPage, Target

PUBLISHES = ("page", "goal")
#: "The maximum number of results to fetch for this page": 100.
DOCS = 100
#: Each call that makes a goal must name a colour.
COLOUR = "#4a6fa5"
_TYPES = {"count": "number", "money": "currency", "share": "percentage"}


@dataclass(slots=True)
class Publisher:
    """Publishes one thing after the other. `made` are Docs that it made, by name: a list may not have them yet."""

    http: Http
    settings: ClickUpSettings
    boards: Boards
    context: Context
    made: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def page(self, page: PublishedPage) -> Outcome:
        """Make a page, or bring it up to date. Raises AuthError where nothing was executed."""
        return self._outcome(lambda: self._page(Sending(self.http, self.context.now), page))

    def goal(self, goal: Goal) -> Outcome:
        """Make a goal and its key results, or bring them up to date. Raises AuthError where nothing was executed."""
        return self._outcome(lambda: self._goal(Sending(self.http, self.context.now), goal))

    def _outcome(self, publish: Callable[[], Outcome]) -> Outcome:
        try:
            return publish()
        except StoppedError as stopped:
            return stopped.outcome
        except clickup.ValueRefusedError as error:
            return error.refused
        except AuthError:
            raise
        except BatonError as error:
            return NotExecuted(str(error), error.retry_after if isinstance(error, RetryableError) else None)

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The body of an answer."""
        return self.http.read(Request("GET", path, query=query or {}, reads=True, lane=LANES["normal"])).json()

    @understood
    def _goal(self, sending: Sending, goal: Goal) -> Outcome:
        return _Goals(self, self.boards.current(), sending, goal).put()

    # pages

    @understood
    def _page(self, sending: Sending, page: PublishedPage) -> Outcome:
        item = FindItem("page", page.our_key, lane=LANES["normal"])
        root = f"/v3/workspaces/{self.boards.current().workspace}/docs"
        doc = self._doc(root) or self.made.get(self.settings.doc)
        if doc is None:
            doc = sending.send("POST", root, item, {"name": self.settings.doc, "create_page": False})
            if not doc.get("id"):
                return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
            self.made[self.settings.doc] = doc
        path = f"{root}/{doc['id']}/pages"
        held = next((one for one in _flat(self.read(path)) if one.get("sub_title") == page.our_key), None)
        body = {"name": page.title, "sub_title": page.our_key, "content": page.markdown, "content_format": "text/md"}
        if held is None:
            made = sending.send("POST", path, item, body)
            return Done(str(made["id"])) if made.get("id") else Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        if (held.get("name"), _words(held.get("content"))) != (page.title, _words(page.markdown)):
            sending.send("PUT", f"{path}/{held['id']}", item, body | {"content_edit_mode": "replace"})
        return Done(str(held["id"]))

    def _doc(self, root: str) -> Mapping[str, Any] | None:
        """The Doc of our pages: of several of that name the oldest."""
        found, query = [], {"limit": str(DOCS)}
        while True:
            told = self.read(root, query)
            found += [one for one in told["docs"] if fold(str(one.get("name"))) == fold(self.settings.doc)]
            if not told.get("next_cursor"):
                break
            query = {"limit": str(DOCS), "cursor": str(told["next_cursor"])}
        live = [one for one in found if not one.get("deleted") and not one.get("archived")]
        return min(live, key=lambda one: (int(one.get("date_created") or 0), str(one["id"])), default=None)


def _flat(pages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The pages and those below them: people may have moved ours."""
    for one in pages:
        yield one
        yield from _flat(one.get("pages") or ())


def _words(text: Any) -> list[str]:
    return str(text or "").split()


@dataclass(slots=True)
class _Goals:
    """One goal."""

    publisher: Publisher
    board: Board
    sending: Sending
    wanted: Goal

    @property
    def _item(self) -> FindItem:
        return FindItem("goal", self.wanted.our_key, lane=LANES["normal"])

    def put(self) -> Outcome:
        """What came of it."""
        owners = clickup.people(self.board, BUILT_IN["assignees"], list(self.wanted.owners))
        body = {
            "name": self.wanted.name, "due_date": millis(self.wanted.due_at),
            "description": with_key(self.wanted.text, self.wanted.our_key),
        }  # fmt: skip
        held = self._held()
        if held is None:
            there: Sequence[Any] = ()
            more = {"multiple_owners": len(owners) > 1, "owners": owners, "color": COLOUR}
            held = self._sent("POST", f"/v2/team/{self.board.workspace}/goal", body | more)
            if not held.get("id"):
                return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        else:
            held = self.publisher.read(f"/v2/goal/{held['id']}")["goal"]
            self._update(held, body, owners)
            there = held.get("key_results") or ()
        if not all(isinstance(one, Mapping) for one in there):
            # What they are called is not told: none can be made without making one twice.
            return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        fixed = [target.name for target in self.wanted.targets if not self._target(str(held["id"]), there, target)]
        if fixed:
            return Refused(sentences.TARGET_IS_FIXED % {"names": ", ".join(fixed)}, clickup.STAYS)
        return Done(str(held["id"]))

    def _held(self) -> Mapping[str, Any] | None:
        path = f"/v2/team/{self.board.workspace}/goal"
        found: list[Mapping[str, Any]] = self.publisher.read(path, {"include_completed": "true"})["goals"]
        mine = [one for one in found if key_of(str(one.get("description") or "")) == self.wanted.our_key]
        return min(mine, key=lambda one: (int(one.get("date_created") or 0), str(one["id"])), default=None)

    def _sent(self, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        made = self.sending.send(method, path, self._item, body).get("goal")
        return made if isinstance(made, Mapping) else {}

    def _update(self, held: Mapping[str, Any], body: Mapping[str, Any], owners: Sequence[int]) -> None:
        """Owners that people have added stay."""
        has = [int(one["id"]) for one in held.get("owners") or () if isinstance(one, Mapping)]
        add = [id for id in owners if id not in has]
        said = (held.get("name"), str(held.get("due_date")), _words(held.get("description")))
        if add or said != (body["name"], str(body["due_date"]), _words(body["description"])):
            more = {"add_owners": add, "rem_owners": [], "color": held.get("color") or COLOUR}
            self._sent("PUT", f"/v2/goal/{held['id']}", {**body, **more})

    def _target(self, goal: str, there: Sequence[Mapping[str, Any]], target: Target) -> bool:
        """Bring a key result up to date; False where it is to reach another number than it was made for."""
        held = next((one for one in there if fold(str(one.get("name"))) == fold(target.name)), None)
        if held is None:
            body = {
                "name": target.name, "owners": [], "type": _TYPES[target.kind], "steps_start": round(target.start),
                "steps_end": round(target.goal), "unit": target.unit, "task_ids": [], "list_ids": [],
            }  # fmt: skip
            held = self.sending.send("POST", f"/v2/goal/{goal}/key_result", self._item, body).get("key_result") or {}
            if not held.get("id"):
                raise StoppedError(Unknown(sentences.ANSWER_DOES_NOT_MATCH))
        if _reached(held, target) != round(target.now):
            note = {"steps_current": round(target.now), "note": target.note}
            self.sending.send("PUT", f"/v2/key_result/{held['id']}", self._item, note)
        return held.get("steps_end") in (None, target.goal, round(target.goal))


def _reached(held: Mapping[str, Any], target: Target) -> int:
    """How far it is there: in the last thing that was done to it; what was only made stands at its start."""
    told = (held.get("last_action") or {}).get("steps_current")
    return round(target.start if told is None else float(told))
