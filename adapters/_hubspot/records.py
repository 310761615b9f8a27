"""What answers have in common, and what is asked for beside what a mapping reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters._hubspot.cursors import State
from connector.model import sentences
from connector.model.errors import RetryableError, StreamError

CONTACTS = "/crm/v3/objects/contacts"
COMPANIES = "/crm/v3/objects/companies"
#: What is asked for beside what the mapping reads.
MERGED, COMPANY, ADDRESSES = "hs_merged_object_ids", "associatedcompanyid", "hs_additional_emails"
#: A search of more characters is refused; in an address so many properties would be too long.
LONGEST = 3000

#: So often a stretch is begun anew because its token has ended, before that is left to the next walk.
MOST_RESTARTS = 3

Found = Mapping[str, Any]


def losers(one: Found) -> list[str]:
    """Ids of all that were merged into a record: it names them for as long as it is kept."""
    told = (id.strip() for id in str(one["properties"].get(MERGED) or "").split(";"))
    return [id for id in told if id and id != str(one["id"])]


def results(body: Any, what: str) -> list[Any]:
    """`results` of an answer. Raises RetryableError where it has none: half an answer is no answer."""
    found = body.get("results") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise RetryableError(f"{what}: {sentences.ANSWER_INCOMPLETE}")
    return found


def object_with(body: Any, name: str, what: str) -> Mapping[str, Any]:
    """A JSON object that has `name`. Raises RetryableError for anything else: it says nothing about what was asked."""
    if not isinstance(body, Mapping) or body.get(name) is None:
        raise RetryableError(f"{what}: {sentences.ANSWER_INCOMPLETE}")
    return body


def after(body: Mapping[str, Any]) -> str:
    """The token of the next page, "" where this is the last."""
    paging = body.get("paging") or {}
    return str((paging.get("next") or {}).get("after") or "")


def moved(token: str, before: str, what: str) -> str:
    """`token`, where it leads further than the one `before`. Raises StreamError where it does not."""
    if token and token == before:
        raise StreamError(f"{what}: {sentences.CURSOR_STANDS}")
    return token


def begun_again(state: State) -> State:
    """A state without its token. Counted, so that the cursor after a page is another one than that which has ended."""
    kept = {name: value for name, value in state.items() if name not in ("after", "offset")}
    return {**kept, "again": int(state.get("again", 0)) + 1}


def restarted(times: int, what: str) -> int:
    """How often a stretch has begun anew, this time included. Raises StreamError where that is too often."""
    if times >= MOST_RESTARTS:
        raise StreamError(f"{what}: {sentences.CURSOR_STANDS}")
    return times + 1
