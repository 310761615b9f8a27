"""Something a lead did, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

#: The shipped kinds; a mapping may name its own beside them.
KINDS = (
    "visit", "page_view", "pricing_view", "comparison_view",
    "email_open", "email_click", "email_reply", "bounce", "unsubscribe", "subscribe",
    "form_submit", "download", "webinar_register", "webinar_attend", "event_attend",
    "demo_request", "chat", "call", "meeting",
)  # fmt: skip


@dataclass(slots=True)
class Activity:
    """One activity. `(connection, source_id)` is unique: the same event read twice is one row.

    `at` is aware and in UTC; `seconds` is the length of the visit, page view or call where
    known. `person` is the platform's id of who did it, kept until a link to a lead is known
    (`lead_id` 0 means that it still waits).
    """

    connection: str
    source_id: str
    person: str
    at: datetime
    kind: str
    topic: str = ""
    asset: str = ""
    url: str = ""
    seconds: int = 0
    campaign: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    lead_id: int = 0
    id: int = 0
