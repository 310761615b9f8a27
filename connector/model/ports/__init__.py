"""The store as the rooms of the program see it: small ports, all given by one transaction.

A `Store` opens transactions; a `Transaction` carries the ports. What is done through the ports
of one transaction is committed together or not at all. Every datetime is aware and in UTC.
Methods take and return batches. No method calls the network.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from connector.model.adapter import Desk
from connector.model.ports.books import Applied, Consents, Images, WritingRun
from connector.model.ports.criteria import CriteriaInForce, Waiting
from connector.model.ports.follow_up import HandoffEvents, Meetings, NoticeStates, Rosters
from connector.model.ports.funnel import Funnel
from connector.model.ports.goals import Goals
from connector.model.ports.handing_over import CriteriaVersion, Handoffs, Ledgers, Run
from connector.model.ports.identity import Companies, Joinings, Keys, Pairs
from connector.model.ports.leads import Intake, Links, Scores
from connector.model.ports.logins import Logins
from connector.model.ports.looking import Handed, Looking
from connector.model.ports.outside import Admin, BudgetLine, Budgets, Mirror
from connector.model.ports.periods import Periods
from connector.model.ports.privacy import Erased, Erasure, Personal, Retention
from connector.model.ports.reading import HeldUp, Reports, ReviewItem, ReviewKind, Reviews
from connector.model.ports.writing import Leases, Outbox, Receipts

__all__ = [
    "Admin",
    "Applied",
    "BudgetLine",
    "Budgets",
    "Companies",
    "Consents",
    "CriteriaInForce",
    "CriteriaVersion",
    "Erased",
    "Erasure",
    "Funnel",
    "Goals",
    "Handed",
    "HandoffEvents",
    "Handoffs",
    "HeldUp",
    "Images",
    "Intake",
    "Joinings",
    "Keys",
    "Leases",
    "Ledgers",
    "Links",
    "Logins",
    "Looking",
    "Meetings",
    "Mirror",
    "NoticeStates",
    "Outbox",
    "Pairs",
    "Periods",
    "Personal",
    "Receipts",
    "Reports",
    "Retention",
    "ReviewItem",
    "ReviewKind",
    "Reviews",
    "Rosters",
    "Run",
    "Scores",
    "Store",
    "Transaction",
    "Waiting",
    "WritingRun",
]


class Transaction(Protocol):
    """One transaction and its ports."""

    intake: Intake
    scores: Scores
    outbox: Outbox
    leases: Leases
    handoffs: Handoffs
    ledgers: Ledgers
    reviews: Reviews
    reports: Reports
    admin: Admin
    desk: Desk
    mirror: Mirror
    budgets: Budgets
    consents: Consents
    images: Images
    applied: Applied
    erased: Erased
    personal: Personal
    retention: Retention
    keys: Keys
    pairs: Pairs
    joinings: Joinings
    companies: Companies
    handoff_events: HandoffEvents
    rosters: Rosters
    notice_states: NoticeStates
    logins: Logins
    meetings: Meetings
    periods: Periods
    funnel: Funnel
    goals: Goals
    looking: Looking
    criteria: CriteriaInForce

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what was done inside where an exception leaves it; the transaction goes on."""


class Store(Protocol):
    """A database. `write` begins immediately (one writer); `read` sees one snapshot."""

    def write(self, *, durable: bool = False) -> AbstractContextManager[Transaction]:
        """Commit on leaving, roll back on an exception. `durable` waits for the disk (claims)."""

    def read(self) -> AbstractContextManager[Transaction]:
        """For reading only."""

    def rehearsal(self) -> AbstractContextManager[Transaction]:
        """For trying what is then undone, whatever comes. A store in a file is copied: nobody waits for it."""

    def close(self) -> None:
        """Give connections back."""
