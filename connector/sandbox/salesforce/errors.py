"""How the API says no: a list of {message, errorCode, fields}."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.sandbox.wire import Reply


class ApiError(Exception):
    """A refusal: HTTP status, the code, the words, the fields it is about."""

    def __init__(self, code: str, message: str, fields: Sequence[str] = (), status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    def item(self) -> dict[str, Any]:
        """As an item of a collection's result says it."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}

    def reply(self) -> Reply:
        """As an answer of its own says it."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            body["fields"] = self.fields
        return Reply(self.status, [body])


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """404 NOT_FOUND."""
    return ApiError("NOT_FOUND", message, status=404)
