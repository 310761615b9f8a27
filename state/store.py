"""Opening a store, and its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from connector.model import ports, sentences
from connector.model.adapter import Desk
from connector.model.errors import StateError
from state.admin import AdminOfStore
from state.applied import AppliedOfStore
from state.before_images import ImagesOfStore
from state.budgets import BudgetsOfStore
from state.companies import CompaniesOfStore
from state.consents import ConsentsOfStore
from state.criteria import CriteriaInForceOfStore
from state.desk import DeskOfStore
from state.engine import Database, Pool, Session, database_at
from state.erased import ErasedOfStore
from state.erasing import PersonalOfStore
from state.funnel import FunnelOfStore
from state.goals import GoalsOfStore
from state.handoff_events import HandoffEventsOfStore
from state.handoffs import HandoffsOfStore
from state.intake import IntakeOfStore
from state.joinings import JoiningsOfStore
from state.keys import KeysOfStore
from state.leases import LeasesOfStore
from state.ledgers import LedgersOfStore
from state.logins import LoginsOfStore
from state.looking import LookingOfStore
from state.meetings import MeetingsOfStore
from state.mirror import MirrorOfStore
from state.notice_states import NoticeStatesOfStore
from state.outbox import OutboxOfStore
from state.pairs import PairsOfStore
from state.periods import PeriodsOfStore
from state.reports import ReportsOfStore
from state.retention import RetentionOfStore
from state.reviews import ReviewsOfStore
from state.rosters import RostersOfStore
from state.scores import ScoresOfStore

PRODUCT = "baton-connector"
#: The schema that this program speaks: the newest of migrations/versions.
HEAD = "0006"


class TransactionOnSql:
    """One transaction and its ports."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.intake: ports.Intake = IntakeOfStore(session)
        self.scores: ports.Scores = ScoresOfStore(session)
        self.outbox: ports.Outbox = OutboxOfStore(session)
        self.leases: ports.Leases = LeasesOfStore(session)
        self.handoffs: ports.Handoffs = HandoffsOfStore(session)
        self.ledgers: ports.Ledgers = LedgersOfStore(session)
        self.reviews: ports.Reviews = ReviewsOfStore(session)
        self.reports: ports.Reports = ReportsOfStore(session)
        self.admin: ports.Admin = AdminOfStore(session)
        self.desk: Desk = DeskOfStore(session)
        self.mirror: ports.Mirror = MirrorOfStore(session)
        self.budgets: ports.Budgets = BudgetsOfStore(session)
        self.consents: ports.Consents = ConsentsOfStore(session)
        self.images: ports.Images = ImagesOfStore(session)
        self.applied: ports.Applied = AppliedOfStore(session)
        self.erased: ports.Erased = ErasedOfStore(session)
        self.personal: ports.Personal = PersonalOfStore(session)
        self.retention: ports.Retention = RetentionOfStore(session)
        self.keys: ports.Keys = KeysOfStore(session)
        self.pairs: ports.Pairs = PairsOfStore(session)
        self.joinings: ports.Joinings = JoiningsOfStore(session)
        self.companies: ports.Companies = CompaniesOfStore(session)
        self.handoff_events: ports.HandoffEvents = HandoffEventsOfStore(session)
        self.rosters: ports.Rosters = RostersOfStore(session)
        self.notice_states: ports.NoticeStates = NoticeStatesOfStore(session)
        self.logins: ports.Logins = LoginsOfStore(session)
        self.meetings: ports.Meetings = MeetingsOfStore(session)
        self.periods: ports.Periods = PeriodsOfStore(session)
        self.funnel: ports.Funnel = FunnelOfStore(session)
        self.goals: ports.Goals = GoalsOfStore(session)
        self.looking: ports.Looking = LookingOfStore(session)
        self.criteria: ports.CriteriaInForce = CriteriaInForceOfStore(session)

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what was done inside where an exception leaves it; the transaction goes on."""
        return self._session.savepoint()


class _UndoneError(Exception):
    """Ends a transaction without a trace."""


class StoreOnSql:
    """A store in SQLite or PostgreSQL. Any thread may open transactions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[ports.Transaction]:
        """Raises StateError where the database fails, or another writer does not end."""
        with self._pool.transaction(writing=True, durable=durable) as session:
            yield TransactionOnSql(session)

    @contextmanager
    def read(self) -> Iterator[ports.Transaction]:
        """Raises StateError where the database fails."""
        with self._pool.transaction(writing=False) as session:
            yield TransactionOnSql(session)

    @contextmanager
    def rehearsal(self) -> Iterator[ports.Transaction]:
        """Raises StateError where the database fails."""
        from state.rehearsing import copy_of

        with suppress(_UndoneError), copy_of(self._pool) as pool, pool.transaction(writing=True) as session:
            yield TransactionOnSql(session)
            raise _UndoneError

    def close(self) -> None:
        """Give connections back."""
        self._pool.close()


def open_store(place: str | Path, *, create: bool = True) -> StoreOnSql:
    """The store at a path (SQLite) or a `postgresql://` URL.

    With `create`, a store that is not there yet is made and an older one is migrated. Raises
    StateError: nothing there, another program's database, newer than this program, damaged.
    """
    database = database_at(str(place))
    _check_file(database, create=create)
    pool = Pool(database)
    with pool.transaction(writing=False) as session:
        version = version_of(session)
    if version != HEAD:
        pool.close()
        _bring_up(database, version, create=create)
    return StoreOnSql(pool)


def current_version(place: str | Path) -> str:
    """The version of a store's schema, "" where there is none. Raises StateError as `open_store` does."""
    database = database_at(str(place))
    if database.name == "sqlite" and not Path(place).exists():
        return ""
    pool = Pool(database)
    with pool.transaction(writing=False) as session:
        version = version_of(session)
    pool.close()
    return version


def _check_file(database: Database, *, create: bool) -> None:
    if database.name != "sqlite":
        return
    if sqlite3.sqlite_version_info < (3, 35):
        raise StateError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or later is needed")
    path = Path(database.place)
    if path.is_dir():
        raise StateError(f"{path}: {sentences.STORE_IS_FOLDER}")
    if not create and not path.exists():
        raise StateError(f"{path}: {sentences.NO_STORE}")
    if not path.parent.is_dir():
        raise StateError(f"{path}: {sentences.NO_FOLDER % {'folder': path.parent}}")
    if not path.exists():
        try:
            # It will hold personal data; SQLite gives the files beside it the same rights.
            path.touch(mode=0o600)
        except OSError as error:
            raise StateError(f"{path}: {error.strerror}") from error


def version_of(session: Session) -> str:
    """The schema's version, "" for an empty database. Raises StateError where it is not ours."""
    tables = session.database.tables(session)
    place = session.database.place
    if not tables - {"alembic_version"}:
        return ""
    product = session.value("SELECT value FROM meta WHERE name = 'product'") if "meta" in tables else None
    if product != PRODUCT or "alembic_version" not in tables:
        raise StateError(f"{place}: {sentences.FOREIGN_STORE}")
    version = str(session.value("SELECT version_num FROM alembic_version"))
    if version > HEAD:
        newer = sentences.NEWER_STORE % {"found": version, "known": HEAD}
        raise StateError(f"{place}: {newer}")
    return version


def _bring_up(database: Database, version: str, *, create: bool) -> None:
    if not create:
        older = sentences.OLDER_STORE % {"found": version, "needed": HEAD} if version else sentences.NO_STORE
        raise StateError(f"{database.place}: {older}")
    if version:
        from state import migrating

        migrating.migrate(database, HEAD)
    else:
        from state import creating

        creating.create(database, PRODUCT, HEAD)
