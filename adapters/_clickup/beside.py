"""Lists beside that of the leads: feedback that sales gives in a form, and deals.

Each of their tasks is about one lead, and says which: by a relationship to its task, by a field with the task's address
or id, or by one with our key. One that names none is passed over, and that is said where it is feedback.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from adapters._clickup.board import Column, board_of, column_of
from adapters._clickup.cursors import State, decode, encode
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import moment, told
from adapters._clickup.walk import Task, Walk
from adapters._words import fold
from connector.model import sentences
from connector.model.http import Http
from connector.model.mirror import CrmPage, CrmRecord, Mirrored

FEEDBACK: Mirrored = "feedback"
DEAL: Mirrored = "opportunity"


def streams(settings: ClickUpSettings) -> tuple[str, ...]:
    """The streams of these lists, where there are any."""
    return (DEAL,) * bool(settings.deals) + (FEEDBACK,) * bool(settings.feedback)


@dataclass(frozen=True, slots=True)
class Beside:
    """Reads these lists.

    `by_key` finds the task that carries a key of ours, "" for none; `store_id` begins each of them. `kept` are the
    fields whose values are wanted, `now` is the present in milliseconds.
    """

    http: Http
    settings: ClickUpSettings
    by_key: Callable[[str], str]
    store_id: str
    kept: frozenset[str]
    now: Callable[[], int]

    def pages(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """What changed in the lists of a stream."""
        lists: dict[str, State] = decode(cursor).get("lists", {})
        for list_id in self.settings.feedback if stream == FEEDBACK else (self.settings.deals,):
            make = self._feedback if stream == FEEDBACK else self._deals(list_id)
            walk = Walk(self.http, self.settings, list_id, self.now, subtasks=False)
            for tasks, following in walk.steps(lists.get(list_id, {})):
                lists = {**lists, list_id: following}
                records = [make(one) for one in tasks]
                lost = [one.id for one in records if stream == FEEDBACK and not one.person]
                notes = tuple(sentences.NO_LEAD_NAMED % {"id": id} for id in lost)
                yield CrmPage(stream, [one for one in records if one.person], encode({"lists": lists}), notes)

    def _feedback(self, task: Task) -> CrmRecord:
        fields = _Fields(task)
        said = {name: value for name in self.kept if (value := fields.said(name)) not in ("", [])}
        values = {FEEDBACK: fields.said(self.settings.feedback_verdict), **said}
        words = str(fields.said(self.settings.feedback_words)).strip()
        lead = self._lead(fields)
        return CrmRecord(
            FEEDBACK, str(task["id"]), moment(task["date_updated"]), name=words, person=lead, values=values
        )

    def _lead(self, fields: _Fields) -> str:
        """The id of the task of the lead that is spoken of, "" for none."""
        if related := fields.related():
            return related
        for name in (self.settings.feedback_lead, self.settings.key_field):
            said = str(fields.said(name)).strip().rstrip("/").rpartition("/")[2]
            if self.store_id and said.startswith(f"{self.store_id}-"):
                return self.by_key(said)
            if said and name == self.settings.feedback_lead:
                return said
        return ""

    def _deals(self, list_id: str) -> Callable[[Task], CrmRecord]:
        # Asked for once there is a deal: most walks find none.
        board = cache(lambda: board_of(self.http, self.settings, list_id))
        won = {fold(word) for word in self.settings.won_in}

        def deal(task: Task) -> CrmRecord:
            fields, status = _Fields(task), str((task.get("status") or {}).get("status") or "")
            ended = board().ended(status)
            amount, currency = fields.money()
            return CrmRecord(
                DEAL, str(task["id"]), moment(task["date_updated"]), name=str(task.get("name") or ""),
                owner=str(next((one["id"] for one in task.get("assignees") or ()), "")), person=fields.related(),
                stage=status, is_open=not ended, won=ended and fold(status) in won, amount=amount, currency=currency,
            )  # fmt: skip

        return deal


class _Fields:
    """What a task says in the fields of its list."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._raw: list[Mapping[str, Any]] = list(task.get("custom_fields") or ())
        self._columns = [column_of(one) for one in self._raw]

    def said(self, name: str) -> Any:
        """The value of the field of a name, "" for none."""
        return next((told(self._task, one) for one in self._columns if fold(one.name) == fold(name)), "")

    def related(self) -> str:
        """The id of the first task that a relationship names."""
        found = (told(self._task, one) for one in self._of("tasks"))
        return next((str(one[0] if isinstance(one, list) else one) for one in found if one), "")

    def money(self) -> tuple[float | None, str]:
        """The first amount of money, with its currency."""
        for one in self._of("currency"):
            value = told(self._task, one)
            config = next((raw.get("type_config") or {} for raw in self._raw if str(raw["id"]) == one.id), {})
            if value != "":
                return float(value), str(config.get("currency_type") or "")
        return None, ""

    def _of(self, type: str) -> Iterator[Column]:
        return (one for one in self._columns if one.type == type)
