"""The built-in CRM, for teams that have none: it lives in the store, and people answer in it on the desk's pages.

Its records are written and read through the `Desk` port of a transaction, so that the effect and the
receipt are one transaction: nothing about it is ever unknown. What people do there is an edit of a record, as in any
other CRM, and is read back as one: `changes` tells records in the order of their last changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from connector.model import sentences
from connector.model.adapter import (
    Adapter,
    Context,
    CrmCapabilities,
    Desk,
    DeskRecord,
    FieldInfo,
    FindItem,
    WriteItem,
)
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Done, Found, Outcome, Refused
from connector.model.own_desk import is_by_hand

CAPABILITIES = CrmCapabilities(
    objects=("lead", "task", "note"),
    unique_key="chosen_id",
    find="consistent",
    max_batch=500,
    in_store=True,
    any_field=True,
    streams=("lead", "opportunity", "task"),
    deadline=10.0,
)
#: Records of a page of changes.
PAGE = 500

_LEAD = (
    "name", "name_given", "name_family", "name_reading", "honorific", "email", "phone", "mobile", "phone_extension",
    "job_title", "company", "company_domain", "company_employees", "company_industry", "country", "region", "city",
    "language", "source", "campaign", "consent_email", "consent_phone", "owner", "flow", "stage", "stage_since",
    "grade", "score", "score_fit", "score_engagement", "score_intent", "hot", "handed_over_at", "due_at", "brief",
    "reason", "words", "rating", "budget", "authority", "need", "timing", "fit_confirmed", "conversation",
)  # fmt: skip

#: What the desk shows, in this order; it keeps any other field that is written, too.
FIELDS = (
    *(FieldInfo("lead", name) for name in _LEAD),
    *(FieldInfo("task", name) for name in ("subject", "owner", "due_at", "priority")),
    FieldInfo("note", "text"),
)


class DeskSettings(BaseModel):
    """The desk has no settings of its own."""

    model_config = ConfigDict(extra="forbid")


class DeskCrm:
    """The sales role. It reads and writes only `within` a transaction of the store."""

    capabilities = CAPABILITIES
    page_size = PAGE

    def __init__(self, _settings: DeskSettings, context: Context, desk: Desk | None = None) -> None:
        self._context = context
        self._desk = desk

    def within(self, desk: Desk) -> DeskCrm:
        """This CRM, reading and writing through `desk`."""
        return DeskCrm(DeskSettings(), self._context, desk)

    def check(self) -> None:
        """It is there whenever the store is."""

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Create or update by our key."""
        desk, now = self._port(), self._context.now()
        return [_write(desk, item, now) for item in items]

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look up by our key."""
        desk = self._port()
        found = (desk.get(item.object, item.our_key) for item in items)
        return [Found((one[0],), (one[1],)) if one else Found() for one in found]

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what was changed after `cursor`, the place of the last change that was told."""
        desk, after = self._port(), int(cursor) if cursor.isdigit() and cursor.isascii() else 0
        while records := desk.changed(stream, after, self.page_size):
            after = records[-1].seq
            yield CrmPage(stream, [self.told(one) for one in records], str(after))

    def told(self, record: DeskRecord) -> CrmRecord:
        """A record of the desk in the words of the mirror."""
        return _TOLD[record.object](record)

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:  # noqa: ARG002
        """Nobody: whoever is on the desk was handed over by us."""
        return []

    def fields(self) -> list[FieldInfo]:
        """What the desk shows."""
        return list(FIELDS)

    def _port(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("the desk is used within a transaction of the store")
        return self._desk


def _write(desk: Desk, item: WriteItem, now: datetime) -> Outcome:
    if item.object not in CAPABILITIES.objects:
        return Refused(sentences.NO_SUCH_KIND % {"object": item.object}, "UNKNOWN_OBJECT")
    if item.crm_id and desk.get(item.object, item.our_key) is None:
        return Refused(sentences.NOT_ON_DESK, "NOT_FOUND")
    crm_id, revision = desk.put(item.object, item.our_key, item.parent_id, item.values, now)
    return Done(crm_id, str(revision), dict(item.values))


def _text(record: DeskRecord, name: str) -> str:
    value = record.values.get(name)
    return "" if value is None else str(value)


def _told(record: DeskRecord, **parts: Any) -> CrmRecord:
    ours = "" if is_by_hand(record.our_key) else record.our_key
    said: dict[str, Any] = {"modified_at": record.changed_at, "our_key": ours, "values": dict(record.values)}
    return CrmRecord(record.object, record.id, **(said | parts))  # type: ignore[arg-type]


def _lead(record: DeskRecord) -> CrmRecord:
    return _told(
        record, email=_text(record, "email"), phone=_text(record, "phone"), name=_text(record, "name"),
        family_name=_text(record, "name_family"), given_name=_text(record, "name_given"),
        company=_text(record, "company"), domain=_text(record, "company_domain"), stage=_text(record, "stage"),
    )  # fmt: skip


def _opportunity(record: DeskRecord) -> CrmRecord:
    stage = _text(record, "stage")
    return _told(
        record, person=record.parent_id, stage=stage, is_open=stage not in ("won", "lost"), won=stage == "won",
        amount=record.values.get("amount"), currency=_text(record, "currency"),
    )  # fmt: skip


def _task(record: DeskRecord) -> CrmRecord:
    """A reminder of ours, or what a person did: a call, a mail, a meeting, when it was, and by whom."""
    done = _text(record, "done_at")
    at = datetime.fromisoformat(done) if done else record.changed_at
    return _told(
        record, modified_at=at, person=record.parent_id, name=_text(record, "subject"), owner=_text(record, "by"),
        stage=_text(record, "kind"), is_open=not done,
    )  # fmt: skip


_TOLD = {"lead": _lead, "opportunity": _opportunity, "task": _task}

ADAPTER = Adapter(settings=DeskSettings, crm=DeskCrm, signs_in=False)
