"""How HubSpot says no: status, category and the body around them.

Shapes: the published descriptions' `Error` and `StandardError`; categories and property codes as
https://developers.hubspot.com/docs/api-reference/error-handling and answers quoted in public issue trackers show them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from connector.sandbox.wire import Reply


@dataclass(frozen=True, slots=True)
class Wrong:
    """One property value that cannot be taken: `code` is HubSpot's (INVALID_OPTION, PROPERTY_DOESNT_EXIST ...)."""

    name: str
    code: str
    message: str

    def detail(self) -> dict[str, Any]:
        """As an entry of `errors`."""
        return {"message": self.message, "code": self.code, "context": {"propertyName": [self.name]}}


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of the server
    """A call, or one record of a batch, that is answered with an error."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.errors = list(errors)
        self.context = dict(context or {})
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """The answer to a whole call."""
        body: dict[str, Any] = {
            "status": "error",
            "message": str(self),
            "correlationId": str(uuid4()),
            "category": self.category,
        }
        if self.errors:
            body["errors"] = self.errors
        if self.context:
            body["context"] = self.context
        return Reply(self.status, body, self.headers)

    def entry(self, **context: list[str]) -> dict[str, Any]:
        """The same as an entry of a batch's `errors`."""
        return {
            "status": "error",
            "category": self.category,
            "message": str(self),
            "context": {**self.context, **context},
            "errors": self.errors,
            "links": {},
        }


def invalid(message: str) -> Refused:
    """A call that is not understood."""
    return Refused(400, "VALIDATION_ERROR", message)


def invalid_values(wrong: Sequence[Wrong]) -> Refused:
    """Property values that cannot be taken, all of a record's at once."""
    results = [
        {
            "isValid": False,
            "message": one.message,
            "error": one.code,
            "name": one.name,
            "localizedErrorMessage": one.message,
        }
        for one in wrong
    ]
    message = f"Property values were not valid: {json.dumps(results, ensure_ascii=False)}"
    return Refused(400, "VALIDATION_ERROR", message, errors=[one.detail() for one in wrong])


def not_found(ids: Sequence[str]) -> Refused:
    """No such record (or archived, or merged away)."""
    return Refused(
        404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.", context={"id": list(ids)}
    )


def rate_limited(policy: str, headers: Mapping[str, str]) -> Reply:
    """429, in the words of the older gateway: without `category`, with `errorType` and `policyName`."""
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": str(uuid4()),
        "policyName": policy,
        "requestId": str(uuid4()),
    }
    return Reply(429, body, dict(headers))
