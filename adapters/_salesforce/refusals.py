"""What an item of a collection came to, and why the org says no, in an admin's words.

An item that failed was rolled back by itself (api-rest guide, composite sObject collections:
`allOrNone` false), so that a failure named here did nothing. Codes: developer.salesforce.com,
api/guide/sforce-api-calls-concepts-core-data-objects (StatusCode). A message may hold the value that
was refused, someone's name or address: only those that an admin of the org wrote are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters._salesforce.api import hushed
from connector.model import sentences
from connector.model.outbox import NotExecuted, Outcome, Refused, Unknown
from connector.model.refusals import RefusalKind

GONE, CONVERTED = "GONE", "CONVERTED"
#: Codes that say that the record itself is no longer there; with a field they speak of what that points to.
MISSING = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD"})
_NOTHING_DONE = frozenset({
    "UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED",
})  # fmt: skip
#: What a restart or a moment of load brings; whether the item was done is not said for sure.
_UNCLEAR = frozenset({"UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG", "QUERY_TIMEOUT"})
#: Words of an admin of the org: validation rules, triggers, flows.
_OF_ADMINS = frozenset({
    "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER",
    "FIELD_FILTER_VALIDATION_EXCEPTION",
})  # fmt: skip
_OWNER = frozenset({"INACTIVE_OWNER_OR_USER", "OP_WITH_INVALID_USER_TYPE_EXCEPTION", "TRANSFER_REQUIRES_READ"})
_NO_RIGHT = frozenset({
    "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INSUFFICIENT_ACCESS",
    "CANNOT_INSERT_UPDATE_ENTITY", "INVALID_TYPE",
})  # fmt: skip
#: Refusals that are about the value of one field.
FIELD_CODES = frozenset({
    "STRING_TOO_LONG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "INVALID_EMAIL_ADDRESS", "FIELD_INTEGRITY_EXCEPTION",
    "NUMBER_OUTSIDE_VALID_RANGE", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD", "MALFORMED_ID",
    "INVALID_TYPE_ON_FIELD_IN_RECORD", "INVALID_CURRENCY_ISO", *_OWNER,
})  # fmt: skip

#: What the codes mean for an admin.
REFUSAL_KINDS: Mapping[str, RefusalKind] = {
    "REQUIRED_FIELD_MISSING": "required",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "choice",
    "STRING_TOO_LONG": "too_long",
    **dict.fromkeys((
        "INVALID_TYPE_ON_FIELD_IN_RECORD", "INVALID_EMAIL_ADDRESS", "MALFORMED_ID", "INVALID_CURRENCY_ISO",
        "FIELD_INTEGRITY_EXCEPTION", "NUMBER_OUTSIDE_VALID_RANGE", "JSON_PARSER_ERROR",
    ), "wrong_type"),
    **dict.fromkeys(_OF_ADMINS, "rule"),
    **dict.fromkeys(_NO_RIGHT, "no_right"),
    **dict.fromkeys(_OWNER, "owner"),
    **dict.fromkeys(("INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"), "no_field"),
    **dict.fromkeys(("DUPLICATES_DETECTED", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"), "duplicate"),
    **dict.fromkeys(MISSING, "wrong_type"),
    **dict.fromkeys(("ENTITY_IS_LOCKED", "UNABLE_TO_LOCK_ROW"), "locked"),
    **dict.fromkeys(("STORAGE_LIMIT_EXCEEDED", "LIMIT_EXCEEDED"), "limit"),
    "NO_CAMPAIGN": "settings",
}  # fmt: skip

_TOO_LONG = re.compile(r"max length=(\d+)")
_TAKEN = re.compile(r"duplicate value found: (\S+) duplicates")
_COLUMN = re.compile(r"No such column '([^']+)'")
_UNWRITABLE = re.compile(r"Unable to create/update fields: ([\w, ]+)")
_LISTED = re.compile(r"\[([\w, ]+)\]")

#: (sObject, field) -> (label, the values it takes); asked only once something was refused.
Explain = Callable[[str, str], tuple[str, Sequence[str]]]


def field_of(error: Mapping[str, Any]) -> str:
    """The field that an error names, "" where it names none."""
    fields = error.get("fields")
    if isinstance(fields, list) and fields:
        return str(fields[0])
    message = str(error.get("message") or "")
    for pattern in (_COLUMN, _UNWRITABLE, _TAKEN, _LISTED):
        if found := pattern.search(message):
            return found[1].split(",")[0].strip()
    return ""


class Refusals:
    """Reads the errors of items of one sObject. `key_field` is the field that holds our key there, if any."""

    def __init__(self, sobject: str, key_field: str, explain: Explain) -> None:
        self.sobject, self.key_field, self.explain = sobject, key_field, explain

    def outcome(self, errors: Any) -> Outcome:
        """What failed items came to; of several errors the first is told."""
        error = errors[0] if isinstance(errors, list) and errors else None
        if not isinstance(error, Mapping):
            return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        code = str(error.get("statusCode") or error.get("errorCode") or "")
        if not code or code in _UNCLEAR:
            return Unknown(code or sentences.ANSWER_DOES_NOT_MATCH)
        if code in _NOTHING_DONE:
            return NotExecuted(sentences.LOCKED_THERE if code == "UNABLE_TO_LOCK_ROW" else code)
        return self._refused(error, code)

    def _refused(self, error: Mapping[str, Any], code: str) -> Refused:
        field = field_of(error)
        if code == "CANNOT_UPDATE_CONVERTED_LEAD":
            return Refused(sentences.CONVERTED_THERE, CONVERTED)
        if code in MISSING:
            return self._missing(field, code)
        if code == "DUPLICATES_DETECTED":
            return Refused(_rule(error), code)
        if code in ("DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"):
            return self._duplicate(error, field, code)
        if code in _OF_ADMINS:
            words = sentences.RULE_REFUSED % {"words": hushed(str(error.get("message") or code))}
            return Refused(self._about(field, words) if field else words, code, field)
        return self._of_value(error, field, code)

    def _missing(self, field: str, code: str) -> Refused:
        if field in ("", "Id", self.key_field):
            return Refused(sentences.GONE, GONE)
        if field in ("WhoId", "WhatId", "LeadId", "ContactId"):
            return Refused(sentences.PARENT_GONE, GONE, field)
        return Refused(self._about(field, sentences.POINTS_NOWHERE), code, field)

    def _duplicate(self, error: Mapping[str, Any], field: str, code: str) -> Refused:
        message = str(error.get("message") or "")
        # "Already a campaign member.": its key is the pair of campaign and person, which is ours as well.
        if self.sobject == "CampaignMember" or (self.key_field and self.key_field.casefold() in message.casefold()):
            return Refused(sentences.KEY_TAKEN, code, self.key_field, duplicate=True)
        if "external id specified" in message.casefold():
            return Refused(sentences.KEY_TAKEN, code, self.key_field, duplicate=True)
        return Refused(self._about(field, sentences.TAKEN_THERE), code, field)

    def _of_value(self, error: Mapping[str, Any], field: str, code: str) -> Refused:
        if code == "REQUIRED_FIELD_MISSING":
            return Refused(self._about(field, sentences.REQUIRED_THERE), code, field)
        if code in _NO_RIGHT:
            return Refused(sentences.NO_RIGHT_THERE % {"object": self.sobject}, code, field)
        if not field:
            return Refused(self._about("", sentences.VALUE_REFUSED % {"code": code}), code)
        return Refused(self._about(field, self._why(error, field, code)), code, field)

    def _why(self, error: Mapping[str, Any], field: str, code: str) -> str:
        if code == "STRING_TOO_LONG" and (most := _TOO_LONG.search(str(error.get("message")))):
            return sentences.TOO_LONG_THERE % {"most": most[1]}
        if code in ("INVALID_FIELD_FOR_INSERT_UPDATE", "CANNOT_INSERT_UPDATE_ENTITY"):
            return sentences.NOT_WRITABLE
        if code == "INVALID_FIELD":
            return sentences.NO_SUCH_FIELD
        if code in _OWNER:
            return sentences.OWNER_REFUSED
        _, choices = self.explain(self.sobject, field)
        if choices:
            return sentences.CHOICES_THERE % {"choices": ", ".join(choices[:12]) + (" …" if len(choices) > 12 else "")}
        return sentences.VALUE_REFUSED % {"code": code}

    def _about(self, field: str, sentence: str) -> str:
        """A sentence after the field that it is about, with the field's label: `Lead.LeadSource (Lead Source): ...`."""
        label, _ = self.explain(self.sobject, field) if field else ("", ())
        name = f"{self.sobject}.{field}" if field else self.sobject
        return f"{name} ({label}): {sentence}" if label and label != field else f"{name}: {sentence}"


def _rule(error: Mapping[str, Any]) -> str:
    """Which duplicate rule stopped it and the records it points to, where the answer says so; else the rule's words.

    Shape as seen in public reports: gitlab.com/gitlab-org/customers-gitlab-com/-/issues/7138
    (`duplicateResut` as the service spells it, or `duplicateResult`).
    """
    found = error.get("duplicateResult") or error.get("duplicateResut")
    matches = found.get("matchResults") or [] if isinstance(found, Mapping) else []
    records = [record for match in matches for record in match.get("matchRecords") or []]
    ids = [str(record.get("record", {}).get("Id", "")) for record in records]
    if isinstance(found, Mapping) and any(ids):
        return sentences.DUPLICATE_RULE % {"rule": found.get("duplicateRule") or "?", "ids": ", ".join(ids)}
    return sentences.DUPLICATE_THERE % {"words": hushed(str(error.get("message") or ""))}
