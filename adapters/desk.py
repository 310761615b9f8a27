"""The built-in CRM, for teams that have none: it lives in the store.

Its records are written through the `Desk` port of a transaction, so that the effect and the
receipt are one transaction: nothing about it is ever unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from connector.model import sentences
from connector.model.adapter import Adapter, Context, CrmCapabilities, Desk, FieldInfo, FindItem, WriteItem
from connector.model.outbox import Done, Found, Outcome, Refused

CAPABILITIES = CrmCapabilities(
    objects=("lead", "task", "note"),
    unique_key="chosen_id",
    find="consistent",
    max_batch=500,
    in_store=True,
    any_field=True,
    deadline=10.0,
)

_LEAD = (
    "name", "name_given", "name_family", "name_reading", "honorific", "email", "phone", "mobile", "phone_extension",
    "job_title", "company", "company_domain", "company_employees", "company_industry", "country", "region", "city",
    "language", "source", "campaign", "consent_email", "consent_phone", "owner", "flow", "stage", "stage_since",
    "grade", "score", "score_fit", "score_engagement", "score_intent", "hot", "handed_over_at", "due_at", "brief",
    "reason", "rating", "budget", "authority", "need", "timing", "fit_confirmed", "conversation",
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


ADAPTER = Adapter(settings=DeskSettings, crm=DeskCrm, signs_in=False)
