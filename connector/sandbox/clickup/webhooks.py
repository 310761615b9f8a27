"""Webhooks: what is told of a change, signed over the whole body.

Source: https://developer.clickup.com/docs/webhooksignature: `X-Signature` is the hex HMAC-SHA256 of the raw body under
the webhook's secret. No address is called here: what would be sent is kept in `sent`, for whoever wants to hear it.
Where nobody hears (`deaf`), a delivery is lost and counted; after a hundred the webhook is suspended
(https://developer.clickup.com/docs/webhookhealth).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

import orjson

#: Deliveries that are kept.
KEPT = 1000
#: Deliveries that fail until no more are made.
MOST_FAILED = 100


@dataclass(slots=True)
class Webhook:
    """One webhook, of one list or of all. `sent` are (body, signature)."""

    id: str
    endpoint: str
    events: tuple[str, ...]
    secret: str
    list_id: str | None = None
    deaf: bool = False
    failed: int = 0
    told: int = 0
    sent: list[tuple[bytes, str]] = field(default_factory=list)

    @property
    def suspended(self) -> bool:
        """Whether it has failed too often."""
        return self.failed >= MOST_FAILED

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        status = "suspended" if self.suspended else "failing" if self.failed else "active"
        return {"id": self.id, "userid": 81001, "team_id": 9008001, "endpoint": self.endpoint, "client_id": "",
                "events": list(self.events), "task_id": None, "list_id": self.list_id, "folder_id": None,
                "space_id": None, "health": {"status": status, "fail_count": self.failed},
                "secret": self.secret}  # fmt: skip

    def tell(self, event: str, task: str, list_id: str, at: int) -> None:
        """A task of a list was changed."""
        if (event not in self.events and "*" not in self.events) or self.list_id not in (None, list_id):
            return
        if self.deaf or self.suspended:
            self.failed += 1
            return
        self.told += 1
        history = [] if event == "taskDeleted" else [{"id": f"{at}{self.id}{self.told}", "date": str(at)}]
        body = orjson.dumps({"event": event, "task_id": task, "webhook_id": self.id, "history_items": history})
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        self.sent = [*self.sent[-KEPT + 1 :], (body, signature)]
