"""ClickUp as a CRM: a lead is a task in a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from adapters._clickup import beside, preparing
from adapters._clickup.api import CALL_SECONDS
from adapters._clickup.around import NAME, TEXT
from adapters._clickup.board import Boards, board_of
from adapters._clickup.changes import STREAMS, SWEPT, Changes
from adapters._clickup.deleting import DELETES, delete
from adapters._clickup.finding import Finder
from adapters._clickup.fresh import Fresh
from adapters._clickup.handover import HANDOVERS, TOLD
from adapters._clickup.publishing import PUBLISHES, Publisher
from adapters._clickup.sending import LAST_START
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import FIELD_CODES, REFUSAL_KINDS
from adapters._clickup.webhooks import Webhooks
from adapters._clickup.writing import Writer
from connector.model import sentences
from connector.model.adapter import Context, CrmCapabilities, FieldInfo, FindItem, SetupStep, WriteItem
from connector.model.answers import understood
from connector.model.errors import ConfigError
from connector.model.http import Http
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Found, Outcome
from connector.model.publishing import Goal, PublishedPage

#: Seconds. Nothing is said of how long a request may still take effect that was given up on: twice as long as most
#: gateways hold one (unconfirmed).
SETTLE = 120.0
#: Items that are handed in together: where the minute's calls are used up, one of them finds out for all.
BATCH = 20
#: Rights to a list that do not let us make tasks (that the words are these is unconfirmed).
_TOO_LITTLE = ("read", "comment")
#: Writes that are on their way at once: a limit of a thousand calls a minute can be used.
WRITERS = 4


class ClickUpCrm:
    """One list of leads."""

    def __init__(self, settings: ClickUpSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        by_parent: dict[str, Any] = {"find": "parent", "lag": 0.0}
        self._fresh = Fresh(context.now)
        more = (("task", settings.subtasks), ("checklist", bool(settings.questions)))
        self.capabilities = CrmCapabilities(
            objects=(
                "lead",
                "comment" if settings.comments else "handover",
                *(name for name, wanted in more if wanted),
            ),
            unique_key="none",
            find="search",
            settle=SETTLE,
            lag=float(settings.lag_seconds),
            max_batch=BATCH,
            batch="per_item",
            correlate="position",
            streams=(*STREAMS, *beside.streams(settings)),
            sweeps=SWEPT,
            read_back_lag=float(settings.lag_seconds),
            vocabulary=True,
            field_codes=FIELD_CODES,
            refusal_kinds=REFUSAL_KINDS,
            key_fields={"lead": settings.key_field, "task": settings.key_field},
            exceptions=dict.fromkeys((*HANDOVERS, "checklist"), by_parent),
            deadline=LAST_START.total_seconds() + CALL_SECONDS,
            writers=WRITERS,
            one_by_one=True,
            deletes=DELETES,
            publishes=PUBLISHES,
        )

    @cached_property
    def http(self) -> Http:
        """The workspace."""
        if self.context.http is None:
            raise ConfigError(f"{self.context.connection}: clickup needs the network")
        if not self.settings.leads:
            raise ConfigError(f"{self.context.connection}: {sentences.NO_LIST_OF_LEADS}")
        return self.context.http

    @cached_property
    def boards(self) -> Boards:
        """What the list has."""
        return Boards(self.http, self.settings, self.settings.leads)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self.http, self.settings, self.boards, self.context.written, self.context.now)

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self.http, self.settings, self.context, self.boards, self._finder.by_key)

    @understood
    def check(self) -> None:
        """Sign in, see the list with the right to write, find the field for our key. Raises AuthError, ConfigError."""
        board = self.boards.ask_anew()
        if board.rights in _TOO_LITTLE:
            raise ConfigError(f"{self.context.connection}: {sentences.NO_RIGHT_THERE % {'object': board.name}}")
        if board.column(self.settings.key_field) is None:
            said = {"field": self.settings.key_field, "connection": self.context.connection}
            raise ConfigError(f"{self.context.connection}: {sentences.NO_KEY_FIELD_IN_LIST % said}")

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Write items, one after the other; one outcome for each."""
        return Writer(self.http, self.settings, self.boards, self.context.now, self._fresh).write(items)

    def delete(self, items: Sequence[FindItem]) -> list[Outcome]:
        """Delete tasks by their ids."""
        return delete(self.http, items, self.context.now)

    def publish_page(self, page: PublishedPage) -> Outcome:
        """A page of the Doc that the settings name."""
        return self._publisher.page(page)

    def put_goal(self, goal: Goal) -> Outcome:
        """A goal of the workspace, with its key results."""
        return self._publisher.goal(goal)

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(self.http, self.settings, self.boards, self.context)

    @understood
    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look tasks up by id, or by our key; what hangs on them by them."""
        return self._finder.find(items)

    @understood
    def fields(self) -> list[FieldInfo]:
        """What a task can hold, as the list is now."""
        board, key = self.boards.ask_anew(), self.settings.key_field
        told = [FieldInfo("checklist", NAME, required=True)]
        for object in HANDOVERS:
            told += [FieldInfo(object, TEXT), *(one for one in board.fields(object, key) if one.name in TOLD)]
        return [*board.fields("lead", key), *board.fields("task", key), *told]

    @understood
    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream`."""
        return self._changes.pages(stream, cursor)

    @understood
    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """All that changed since a moment."""
        return self._changes.sweep(stream, cursor, since)

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Nobody: a look-up would take a call for each person. Whoever is in the list was read with it."""
        del people
        return []

    @understood
    def setup(self) -> list[SetupStep]:
        """What the lists must be given first, by hand; webhooks."""
        written = {*self.context.written.get("lead", ()), *self.context.written.get("", ()), *self.context.stage_only}
        steps = list(preparing.steps(self.boards.ask_anew(), self.settings, written))
        for id in self.settings.feedback:
            board = board_of(self.http, self.settings, id)
            steps += preparing.feedback_steps(board, self.settings, self.context.stage_only)
        if self.settings.deals:
            steps += preparing.deal_steps(board_of(self.http, self.settings, self.settings.deals))
        return [*steps, *Webhooks(self.http, self.settings, self.context).steps()]
