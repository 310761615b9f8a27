"""What is over in an org: meetings that have ended, records that were deleted or merged.

Neither moves a record's time of change, so that these are walked by windows of time: from the
end of the window before to the org's own now. A window that brought nothing is not stored, but for
once in a day.

Sources: developer.salesforce.com, api-rest guide: resources-getdeleted (15 days back, at least a
minute long, `latestDateCovered` is where the next window begins, two hours at least are kept); api:
sforce_api_calls_getdeleted (INVALID_REPLICATION_DATE where the window begins before the recycle bin was emptied);
api: sforce_api_calls_merge (the loser is deleted and its MasterRecordId names the winner), which
queryAll shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from adapters._salesforce import records
from adapters._salesforce.changes import OVERLAP, first, is_seen, mark, short
from adapters._salesforce.cursors import Cursor
from adapters._salesforce.objects import is_id, moment, stamp
from adapters._salesforce.query import Org, QueryRefusedError, chunks, listed, select
from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.mirror import CrmPage, CrmRecord, Mirrored

#: Streams of deletions: our object, theirs.
DELETED: Mapping[str, tuple[Mirrored, str]] = {
    "deleted_lead": ("lead", "Lead"),
    "deleted_contact": ("contact", "Contact"),
    "deleted_account": ("account", "Account"),
    "deleted_opportunity": ("opportunity", "Opportunity"),
}
KEPT = timedelta(days=15)
SHORTEST = timedelta(minutes=2)
#: What was deleted before the first walk began was never in the mirror; the walk itself may take a while.
FIRST = timedelta(hours=1)
_STORE_AFTER = timedelta(days=1)


def deleted(org: Org, stream: str, cursor_text: str, now: datetime, key_field: str = "") -> Iterator[CrmPage]:
    """Records that were deleted or merged: the winner's id, and our key where the object's `key_field` has it."""
    object, sobject = DELETED[stream]
    cursor = Cursor.read(cursor_text)
    since = (moment(cursor.at) or now - FIRST) - SHORTEST
    notes: tuple[str, ...] = ()
    if since < now - KEPT:
        since = now - KEPT + timedelta(minutes=5)
        notes = (sentences.DELETED_BEFORE % {"object": sobject, "since": stamp(since)},)
    try:
        body = org.body(f"sobjects/{sobject}/deleted/", {"start": stamp(since), "end": stamp(now)})
    except QueryRefusedError as refused:
        if refused.code != "INVALID_REPLICATION_DATE":
            raise
        # The recycle bin was emptied, or the log of deletions shortened.
        notes = (sentences.DELETED_BEFORE % {"object": sobject, "since": stamp(now)},)
        yield CrmPage(stream, [], Cursor(at=stamp(now)).kept(), notes, unheard=object)
        return
    rows = body.get("deletedRecords")
    covered = moment(body.get("latestDateCovered"))
    if not isinstance(rows, list) or covered is None:
        raise RetryableError(f"{sobject}: {sentences.ANSWER_INCOMPLETE}")
    ids = {str(row["id"]): str(row.get("deletedDate")) for row in rows}
    fresh = [id for id, at in ids.items() if cursor.seen.get(id) != at]
    if not fresh and not notes and not _is_old(cursor, now):
        return
    ends = _ends(org, sobject, fresh, key_field)
    # What somebody has taken out of the bin since stays in the log.
    found = [CrmRecord(object, id, merged_into=end.winner, our_key=end.key, gone=True)
             for id in fresh if (end := ends.get(id, _End())).deleted]  # fmt: skip
    cursor.at = stamp(min(covered, now))
    edge = min(covered, now) - 2 * SHORTEST
    cursor.remember({id: at for id, at in ids.items() if (moment(at) or now) >= edge})
    yield CrmPage(stream, found, cursor.kept(), notes, unheard=object if notes else None)


def _is_old(cursor: Cursor, now: datetime) -> bool:
    at = moment(cursor.at)
    return at is None or now - at >= _STORE_AFTER


def merged(org: Org, sobject: str, ids: Iterable[str]) -> dict[str, str]:
    """The winners of merges by the loser's id."""
    return {id: end.winner for id, end in _ends(org, sobject, ids).items() if end.deleted and end.winner}


@dataclass(frozen=True, slots=True)
class _End:
    """How a record ended: whether it did, the winner it was merged into, our key."""

    deleted: bool = True
    winner: str = ""
    key: str = ""


def _ends(org: Org, sobject: str, ids: Iterable[str], key_field: str = "") -> dict[str, _End]:
    """How records ended that are in the bin, or were, by their id; those that are gone for good are absent."""
    found: dict[str, _End] = {}
    # Deals are not merged.
    winner = () if sobject == "Opportunity" else ("MasterRecordId",)
    names = ("Id", "IsDeleted", *winner, *((key_field,) if key_field else ()))
    for part in chunks(id for id in ids if is_id(id)):
        for row in org.rows(select(names, sobject, f"Id IN {listed(part)}"), deleted=True):
            deleted, into = row.get("IsDeleted") is not False, str(row.get("MasterRecordId") or "")
            found[str(row["Id"])] = _End(deleted, into, str(row.get(key_field) or ""))
    return found


def became(org: Org, object: str, ids: Iterable[str], *, converted: bool = False) -> dict[str, tuple[str, str]]:
    """What records that were merged, or leads that were `converted`, are today: (object, id) by the id asked for."""
    sobject = dict(DELETED.values()).get(cast("Mirrored", object), "")
    # Deals are not merged.
    if not sobject or object == "opportunity":
        return {}
    found = {id: (object, winner) for id, winner in merged(org, sobject, ids).items()}
    if object == "lead" and converted:
        found |= {lead: ("contact", contact) for lead, contact in contacts_of(org, ids).items()}
    return found


def contacts_of(org: Org, leads: Iterable[str]) -> dict[str, str]:
    """The contacts that converted leads became, by the lead's id."""
    found: dict[str, str] = {}
    for part in chunks(id for id in leads if is_id(id)):
        soql = select(("Id", "ConvertedContactId"), "Lead", f"IsConverted = true AND Id IN {listed(part)}")
        rows = org.rows(soql)
        found |= {str(row["Id"]): str(row["ConvertedContactId"]) for row in rows if row.get("ConvertedContactId")}
    return found


def events(org: Org, cursor_text: str, now: datetime) -> Iterator[CrmPage]:
    """Meetings that have ended since the last window, and older ones that were written down since."""
    cursor = Cursor.read(cursor_text)
    since = (moment(cursor.at) or now) - OVERLAP
    page = org.page(_events_soql(since, now))
    known = cursor.seen
    until, old = min(first(page, now), now), _is_old(cursor, now)
    seen: dict[str, str] = {}
    while True:
        fresh = [row for row in page.rows if not is_seen(row, known)]
        seen |= {short(row): mark(row) for row in page.rows}
        last = not page.following
        if last:
            cursor = Cursor(at=stamp(until))
            cursor.remember(seen)
        else:
            cursor.page += 1
        if fresh or not last or old:
            yield CrmPage("event", [records.event(row) for row in fresh], cursor.kept())
        if last:
            return
        page = org.page(following=page.following)


def _events_soql(since: datetime, now: datetime) -> str:
    told = f"(EndDateTime >= {stamp(since)} OR SystemModstamp >= {stamp(since)})"
    where = f"WhoId != null AND EndDateTime <= {stamp(now)} AND {told}"
    return select(records.FIELDS["event"], "Event", where, "EndDateTime, Id")
