"""Put a source's pages into the store. A page is one transaction, its cursor included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from connector.config import Connection
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import BatonError, RecordError
from connector.model.mapped import Unmatched
from connector.model.ports import Transaction
from connector.model.records import Page, Record, Rejected
from connector.runs.assess import Assessor
from connector.runs.consent_page import keep_activities
from connector.runs.contacts import Contacts
from connector.runs.forgotten import Barred
from connector.runs.people import assign_people
from connector.runs.set_aside import SetAside

#: Begins a transaction that writes.
Begin = Callable[[], AbstractContextManager[Transaction]]


class Intake:
    """Stores the pages of one connection, contacts and activities, and counts what came of them."""

    def __init__(
        self,
        connection: Connection,
        assessor: Assessor,
        now: datetime,
        score_now: bool,
        counts: Counter[str],
        contact_streams: tuple[str, ...] = ("contacts",),
    ) -> None:
        self.connection = connection
        self.now = now
        self.counts = counts
        self.contact_streams = contact_streams
        self.aside = SetAside(connection.name)
        self.contacts = Contacts(connection, assessor, self.aside, now, score_now, counts)
        #: When people who were forgotten have asked to be contacted again: their records are to be read once more.
        self.back: list[datetime] = []

    def page(self, tx: Transaction, page: Page, cursor_name: str) -> None:
        """Store one page within `tx`; its cursor too, if it has one."""
        self.aside.take()
        self.aside.rejected(page.stream, page.rejected)
        tells_people = page.stream in self.contact_streams
        used = self.contacts.store(tx, page.records) if tells_people else self._activities(tx, page)
        departed = [record for record in page.records if record.gone or record.merged_into]
        mended = self.aside.mended(page.stream, [*used, *departed])
        if mended:
            self.counts["mended"] += tx.reviews.close("set_aside", mended, "mended", self.now)
        items = self.aside.take()
        if items and tx.erased.any():
            items = Barred(tx, self.connection.name, self.counts).items(items)
        if items:
            tx.reviews.put(items, self.now)
            self.counts["fields set aside"] += sum(bool(item.field) for item in items)
            self.counts["set aside"] += sum(not item.field for item in items)
        if page.cursor:
            tx.ledgers.save_cursor(self.connection.name, cursor_name, page.cursor, self.now)
        self.counts[f"{page.stream} read"] += len(page.records) + len(page.rejected)

    def _activities(self, tx: Transaction, page: Page) -> list[Record]:
        made, used, unmatched = [], [], Counter[str]()
        to_activity = self.connection.mapping.activity
        for record in page.records:
            try:
                one = to_activity(record, self.now)
            except RecordError as error:
                self.aside.record(page.stream, record, ": ".join(part for part in (error.field, error.what) if part))
                continue
            used.append(record)
            if isinstance(one, Unmatched):
                unmatched[one.event] += 1
            else:
                made.append(one)
        self.contacts.assessor.rows.config.library.classify(made)
        self._keep(tx, made)
        if unmatched:
            tx.admin.count_unmatched(self.connection.name, unmatched)
            self.counts["activities of no kind"] += unmatched.total()
        return used

    def _keep(self, tx: Transaction, activities: list[Activity]) -> None:
        if not activities:
            return
        assign_people(tx, self.connection.name, activities)
        if tx.erased.any():
            barred = Barred(tx, self.connection.name, self.counts, self.back)
            activities = barred.activities(activities)
        added = tx.intake.add_activities(activities)
        keep_activities(tx, self.contacts.assessor.rows, self.connection.name, activities, self.now, self.counts)
        if added:
            tx.scores.mark_due({one.lead_id for one in activities if one.lead_id}, self.now)
        self.counts["activities"] += added
        self.counts["activities known already"] += len(activities) - added
        self.counts["activities of people not known"] += sum(not one.lead_id for one in activities)


def store_page(begin: Begin, intake: Intake, page: Page, cursor_name: str) -> None:
    """Store a page; where the store refuses it, halve it down to the record at fault.

    Parts that are stored twice by a crash in between do no harm: digests and keys know them.
    """
    kept = Counter(intake.counts)
    try:
        with begin() as tx:
            intake.page(tx, page, cursor_name)
    except BatonError:
        raise
    except (ValueError, OverflowError, TypeError, UnicodeError) as error:
        intake.counts.clear()
        intake.counts.update(kept)
        if len(page.records) <= 1:
            refuse(begin, intake, page, cursor_name, error)
            return
        middle = len(page.records) // 2
        store_page(begin, intake, replace(page, records=page.records[:middle], cursor=""), cursor_name)
        store_page(begin, intake, replace(page, records=page.records[middle:], rejected=[]), cursor_name)


def refuse(begin: Begin, intake: Intake, page: Page, cursor_name: str, error: Exception) -> None:
    """Set the one record aside that the store cannot take, and go on behind it."""
    reason = sentences.STORE_REFUSES % {"fault": type(error).__name__}
    where = (page.records[0].where or page.records[0].id) if page.records else page.stream
    rejected = [*page.rejected, Rejected(where, reason)]
    with begin() as tx:
        intake.page(tx, Page(page.stream, [], page.cursor, rejected), cursor_name)
