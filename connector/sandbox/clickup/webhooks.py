"""Webhooks: what is told of a change, signed over the whole body.

Source: https://developer.clickup.com/docs/webhooksignature: `X-Signature` is the hex HMAC-SHA256 of the raw body under
the webhook's secret. Nothing is sent here: what would be is kept in `sent`, for whoever wants to hear it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

import orjson

#: Deliveries that are kept.
KEPT = 1000


@dataclass(slots=True)
class Webhook:
    """One webhook. `sent` are (body, signature)."""

    id: str
    endpoint: str
    events: tuple[str, ...]
    secret: str
    sent: list[tuple[bytes, str]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"id": self.id, "endpoint": self.endpoint, "events": list(self.events), "secret": self.secret,
                "health": {"status": "active", "fail_count": 0}}  # fmt: skip

    def tell(self, event: str, task: str, at: int) -> None:
        """A task was changed."""
        if event not in self.events and "*" not in self.events:
            return
        body = orjson.dumps({"event": event, "task_id": task, "webhook_id": self.id,
                             "history_items": [{"id": f"{at}{task}", "date": str(at)}]})  # fmt: skip
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        self.sent = [*self.sent[-KEPT + 1 :], (body, signature)]
