"""What came of each item of a batch: results and errors, told apart by trace id, by our key, by id.

Shapes: schemas BatchResponse...WithErrors of the published descriptions; which errors name what, as
https://developers.hubspot.com/docs/api-reference/error-handling says ("Multi-status errors"): every part of an
error may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters._hubspot.api import read_error
from connector.model import sentences
from connector.model.http import Answer
from connector.model.outbox import Done, Outcome, Refused, Unknown
from connector.model.refusals import RefusalKind

#: Codes of refusals that are about the value of one field alone.
FIELD_CODES = frozenset({
    "INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "INVALID_LONG", "INVALID_INTEGER", "INVALID_DATE",
    "INVALID_OWNER_ID", "INVALID_EMAIL", "TOO_LONG", "INVALID_NUMBER", "INVALID_BOOLEAN", "OWNER_NOT_FOUND",
    "ADDRESS_TAKEN",
})  # fmt: skip
#: What the codes mean for an admin.
REFUSAL_KINDS: Mapping[str, RefusalKind] = {
    "INVALID_OPTION": "choice",
    "TOO_LONG": "too_long",
    **dict.fromkeys((
        "INVALID_LONG", "INVALID_INTEGER", "INVALID_DATE", "INVALID_EMAIL", "INVALID_NUMBER", "INVALID_BOOLEAN",
    ), "wrong_type"),
    **dict.fromkeys(("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"), "no_field"),
    **dict.fromkeys(("INVALID_OWNER_ID", "OWNER_NOT_FOUND"), "owner"),
    **dict.fromkeys(("CONTACT_EXISTS", "VALUE_TAKEN", "ADDRESS_TAKEN"), "duplicate"),
    "MISSING_SCOPES": "no_right",
    "DYNAMIC": "settings",
}  # fmt: skip
NOT_FOUND, EXISTS, TAKEN = "NOT_FOUND", "CONTACT_EXISTS", "VALUE_TAKEN"
_MISSING = ("OBJECT_NOT_FOUND", "NOT_FOUND")
#: `Contact already exists. Existing ID: 512`
_EXISTING = re.compile(r"Existing ID: (\d+)")
_CODE = re.compile(r'"error"\s*:\s*"([A-Z0-9_]+)"')


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a batch: the body that is sent, and what its answer may call it."""

    body: Mapping[str, Any]
    trace: str
    id: str = ""
    key: tuple[str, str] = ("", "")

    def is_result(self, result: Mapping[str, Any]) -> bool:
        """Whether this result is of this input."""
        if trace := result.get("objectWriteTraceId"):
            return bool(trace == self.trace)
        if self.id and str(result.get("id")) == self.id:
            return True
        name, value = self.key
        return bool(name) and str((result.get("properties") or {}).get(name) or "") == value

    def is_error(self, error: Mapping[str, Any]) -> bool:
        """Whether this error speaks of this input."""
        context = error.get("context") or {}
        named = {str(one) for values in context.values() if isinstance(values, list) for one in values}
        return bool(named & {self.trace, self.id or self.trace, self.key[1] or self.trace})


def refusal(error: Mapping[str, Any], unique: str) -> Refused:
    """Why HubSpot says no, in words for an admin. `unique` is the property that holds our key."""
    category, words, named = read_error(error)
    code = _code(error) or category or "REFUSED"
    if category in _MISSING or code in _MISSING:
        return Refused(sentences.GONE, NOT_FOUND)
    if existing := _EXISTING.search(words):
        return Refused(sentences.SAME_ADDRESS % {"contact": existing.group(1)}, EXISTS, "email")
    if named == unique or (unique in words and "already" in words):
        return Refused(sentences.KEY_TAKEN, TAKEN, unique, duplicate=True)
    if named:
        known = {"PROPERTY_DOESNT_EXIST": sentences.NO_SUCH_FIELD, "READ_ONLY_VALUE": sentences.NOT_WRITABLE}
        about = f"{named}: {known.get(code) or _said(error, words)}"
        return Refused(about, code, named)
    return Refused(words or code, code)


def of_an_update(outcome: Outcome) -> Outcome:
    """An update that another contact's address stands in the way of can go without the address; a create cannot."""
    taken = (EXISTS, "CONFLICTING_UNIQUE_VALUE")
    if isinstance(outcome, Refused) and outcome.field == "email" and outcome.code in taken:
        return replace(outcome, code="ADDRESS_TAKEN")
    return outcome


def _code(error: Mapping[str, Any]) -> str:
    details = [one for one in error.get("errors") or () if isinstance(one, Mapping)]
    told = next((str(one["code"]) for one in details if one.get("code")), "")
    match = _CODE.search(str(error.get("message") or ""))
    sub = error.get("subCategory")
    return told or (match.group(1) if match else "") or (sub if isinstance(sub, str) else "")


def _said(error: Mapping[str, Any], words: str) -> str:
    """The words about the value, where they are given apart from the list of all values."""
    details = [str(one.get("message") or "") for one in error.get("errors") or () if isinstance(one, Mapping)]
    return read_error({"message": details[0]})[1] if details and details[0] else words


def body_of(answer: Answer) -> Mapping[str, Any]:
    """The body, {} where it is no JSON object."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}


def outcomes(answer: Answer, inputs: Sequence[Input], unique: str) -> list[Outcome]:
    """One outcome for each input of a batch that was answered with 2xx. Of whom nothing is said, nothing is known."""
    body = body_of(answer)
    found, errors = body.get("results"), body.get("errors") or []
    if not isinstance(found, list):
        return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(inputs)
    return [_outcome(one, found, errors, unique, alone=len(inputs) == 1) for one in inputs]


def _outcome(
    one: Input, found: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]], unique: str, *, alone: bool
) -> Outcome:
    result = next((result for result in found if one.is_result(result)), None)
    if result is not None and result.get("id"):
        echo = {
            name: value for name, value in (result.get("properties") or {}).items() if name in one.body["properties"]
        }
        return Done(str(result["id"]), str(result.get("updatedAt") or ""), echo)
    error = next((error for error in errors if one.is_error(error)), errors[0] if alone and errors else None)
    return refusal(error, unique) if error is not None else Unknown(sentences.ANSWER_DOES_NOT_MATCH)
