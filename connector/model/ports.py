"""The store as the rooms of the program see it: small ports, all given by one transaction.

A `Store` opens transactions; a `Transaction` carries the ports. What is done through the ports
of one transaction is committed together or not at all. Every datetime is aware and in UTC.
Methods take and return batches. No method calls the network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from connector.model.activity import Activity
from connector.model.adapter import Desk
from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent
from connector.model.handoff import Handoff, HandoffState, Turn
from connector.model.http import Rate, Usage
from connector.model.lead import Lead, Link
from connector.model.mirror import CrmRecord, Mirrored, MirrorKey
from connector.model.outbox import OutboxRow, Receipt, Settlement
from connector.model.person import Person
from connector.model.stages import Transition


class Links(Protocol):
    """Which record of which platform is which lead."""

    def links(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, Link]:
        """Links by external id; ids that are not known are absent."""

    def lead_ids(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, int]:
        """As `links`, with nothing but the lead's id: all that an activity needs. Records that are gone are absent."""

    def links_of(self, lead_ids: Sequence[int], connection: str = "") -> dict[int, list[Link]]:
        """Links by lead, of one connection where one is given; leads without any are absent."""

    def put_links(self, links: Sequence[Link]) -> None:
        """Insert, or update lead and digest of, links by (connection, object, external id)."""

    def drop_links(self, connection: str, object: str, external_ids: Sequence[str]) -> int:
        """Forget links; returns how many there were."""


class Intake(Links, Protocol):
    """Finding and keeping leads, their links and activities."""

    def by_email(self, emails: Sequence[str]) -> dict[str, list[int]]:
        """Lead ids by normalised email, oldest first; those that were merged into another are left out."""

    def lead_numbers(self, after_id: int = 0, limit: int = 500) -> list[int]:
        """Ids of leads above `after_id`, ascending."""

    def leads(self, ids: Sequence[int]) -> dict[int, Lead]:
        """Leads by id, with their scores; ids that are not known are absent."""

    def add_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        """Store new leads and set their `id`. A `score` is stored with them; without one they are due now."""

    def update_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        """Store fields, provenance, flags and standing (stage, flow, owner) of known leads."""

    def add_activities(self, activities: Sequence[Activity]) -> int:
        """Store activities by (connection, source id); returns how many were new, or said otherwise before.

        A known one is told anew where its mapping or its source has changed; its lead stays.
        Those with `lead_id` 0 wait for a link of their person. New ones also enter the roll-up.
        """

    def adopt_activities(self, connection: str, people: Mapping[str, int]) -> set[int]:
        """Give waiting activities of these people (external id -> lead id) to their leads."""

    def activities(
        self, lead_ids: Sequence[int], since: datetime | None = None, kinds: Collection[str] | None = None
    ) -> dict[int, list[Activity]]:
        """Activities by lead, oldest first; only at or after `since`, and of `kinds`, where given."""

    def merge(self, loser: int, winner: int, now: datetime) -> None:
        """Links and activities of `loser` become `winner`'s, which is due now: its score is made anew, not added up.

        `loser` stays, with `merged_into`: it is found by no email, is in no flow, never due and never
        handed over again. Its handoffs that nobody was given yet are closed; those that are open,
        and its receipts, stay its own. Merged leads are followed to the last winner; a lead merged
        into itself is left as it is. Load both again before storing either.
        """

    def merged_into(self, winners: Sequence[int]) -> dict[int, list[int]]:
        """Ids of the leads that were merged into these, by these; those that none was merged into are absent."""

    def lifetime(self, lead_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        """Count of activities by lead and kind over all time, from the daily roll-up."""


class Scores(Protocol):
    """What is due for scoring, and the results. A lead is due when its `due_at` has come."""

    def mark_due(self, lead_ids: Iterable[int], at: datetime) -> None:
        """These leads are to be scored at `at` (or earlier, where they already were)."""

    def mark_all_due(self, at: datetime, flow: str = "") -> int:
        """Every lead (of `flow`) is due: the criteria changed. Returns how many."""

    def due(self, now: datetime, limit: int, after_id: int = 0) -> list[int]:
        """Ids of due leads above `after_id`, ascending."""

    def save(self, leads: Sequence[Lead]) -> None:
        """Store `lead.score` and the standing (stage, flow, owner); `due_at` = `score.next_change`."""

    def add_transitions(self, transitions: Sequence[Transition]) -> None:
        """Append to the history of stages."""

    def transitions(self, lead_id: int) -> list[Transition]:
        """The history of one lead, oldest first."""

    def count_due(self, now: datetime) -> int:
        """How many leads are due."""


class Receipts(Protocol):
    """What the targets acknowledged, by object."""

    def receipts(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, Receipt]:
        """The last acknowledged values by our key."""

    def receipts_by_crm_id(self, target: str, object: str, crm_ids: Sequence[str]) -> dict[str, Receipt]:
        """Receipts by the target's id; of several the newest, and one that is gone only if all are."""

    def receipts_after(self, target: str, object: str, our_key: str = "", limit: int = 500) -> list[Receipt]:
        """Receipts behind `our_key`, in the order of our keys."""

    def put_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Store receipts outside a settlement: adopted, moved to another id, gone.

        As in a settlement: while the id stays, values that are not named stay. What a receipt leaves
        empty (id, lead, time) stays too.
        """

    def forget_receipts(self, target: str, object: str, our_keys: Sequence[str]) -> int:
        """Forget receipts; returns how many there were."""

    def not_written_since(self, target: str, flow: str, at: datetime | None) -> int:
        """How many leads of a flow are in a target, of whom nothing was acknowledged since `at` (None: at all)."""

    def done_values(self, target: str, object: str, our_key: str, limit: int = 20) -> list[dict[str, Any]]:
        """The values of delivered `state` rows, newest first, to know an old value of ours that came back."""


class Outbox(Receipts, Protocol):
    """Rows to be written outside, their claims and receipts (the protocol: model/outbox.py)."""

    def put(self, rows: Sequence[OutboxRow], now: datetime) -> int:
        """Add rows; returns how many rows now wait that did not wait before.

        `once`, `verify`: a key that exists already, in whatever state, is left as it
        is. `state`: an older waiting row of the same key becomes `superseded`, a dead one too;
        revisions count up by key; a row in flight or unknown stays and the new one waits behind.
        """

    def claim(
        self, target: str, now: datetime, deadline: datetime, limit: int, least: int = 1, runs: Sequence[int] = ()
    ) -> list[OutboxRow]:
        """Take waiting rows for sending: state in_flight, attempt and epoch counted up, sent_at=now.

        Most urgent lane first, then oldest, of that row's kind (`object`) only: a call holds one kind. Fewer than
        `limit` may be taken while more wait, but never none. Left out: rows before their `not_before`, rows whose
        `after` is neither done nor dropped for good, objects (target, object, our key) that have a row in flight or
        unknown, all but the first row of one object, and changes of what is there by a flow that is parked.
        `verify` rows come too. What was sent again after an
        unknown comes behind the rest of its lane, and by itself: as many as `most_together` says.
        With `runs` only rows that these runs have put are taken, also of a flow that is parked.
        """

    def narrow(self, rows: Sequence[OutboxRow]) -> None:
        """Claimed rows hold less than when they were put: what is left is all that is sent."""

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> list[Settlement]:
        """Apply what came of claims, each only if its row still carries its epoch.

        Returns those NOT applied: someone else owns the row, stop. Stores receipts.
        """

    def sweep(self, now: datetime, resolve_after: Mapping[str, float]) -> int:
        """Rows in flight to the targets named, past their deadline, become unknown; returns how many.

        `resolve_after[target]` seconds (settle + lag) after the deadline they may be resolved.
        """

    def claim_unknown(self, target: str, now: datetime, limit: int) -> list[OutboxRow]:
        """Unknown rows whose `resolve_at` has come; their epoch counts up, their state stays."""

    def rows(
        self, *, lead_id: int = 0, states: Sequence[str] = (), target: str = "", limit: int = 200
    ) -> list[OutboxRow]:
        """Rows for a reader, oldest first."""

    def unfinished(self, keys: Sequence[str]) -> dict[str, OutboxRow]:
        """The newest `state` row of each of these keys that is neither done nor superseded nor dropped, by key."""

    def release(self, ids: Sequence[int], to: Literal["waiting", "dropped"], now: datetime) -> int:
        """A person frees or drops dead and parked rows; returns how many changed."""

    def abandon(self, target: str, now: datetime) -> int:
        """A person drops all that has not ended of a target that is no more; returns how many."""

    def withdraw(self, run_id: int, lead_id: int, now: datetime) -> list[OutboxRow]:
        """Drop what a run has put and nobody has sent yet (of one lead, where one is given); returns these rows.

        What was superseded by another run's row meanwhile stays with that run. Opt-outs go out all the same.
        """

    def counts(self) -> dict[tuple[str, str], int]:
        """Number of rows by (target, state)."""

    def counts_of_runs(self, runs: Sequence[int]) -> dict[tuple[str, str, str], int]:
        """Number of rows that these runs have put, by (target, object, state)."""

    def all_unknown(self, now: datetime) -> int:
        """After a restore: every undelivered create is unknown. Returns how many.

        A row that addresses an object by its id creates nothing, and is left as it is.
        """

    def look_first(self, lead_ids: Sequence[int], now: datetime, there: Mapping[str, str]) -> int:
        """What waits of these leads and creates something is unknown: looked up before it is sent. Returns how many.

        `there` are the ids of objects that are known to be there, by the keys of rows: they are looked up by these.
        """

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` revisions that ended before a time and that nothing needs any more; returns how many.

        Of each key the newest row stays, and the newest that was delivered: rows that come `after`
        it look for that one. `once` rows stay for ever, since their key must never be used again.
        """


class Leases(Protocol):
    """One runner at a time per name. Times come from the database's clock."""

    def take(self, name: str, owner: str, seconds: float) -> int | None:
        """The lease's epoch if it was free, expired or ours; None where another holds it."""

    def renew(self, name: str, owner: str, epoch: int, seconds: float) -> bool:
        """Extend, also where its time is over and nobody else has taken it; False where it was lost meanwhile."""

    def holds(self, name: str, owner: str, epoch: int) -> bool:
        """Whether nobody else has taken it meanwhile, even where its time is over."""

    def release(self, name: str, owner: str, epoch: int) -> None:
        """Give it back."""

    def holders(self) -> list[tuple[str, str, datetime]]:
        """(name, owner, until) of leases that are held."""

    def end_all(self) -> None:
        """After a restore: nobody holds any lease, and whoever thinks so has lost it."""


class Handoffs(Protocol):
    """Leads on their way to a rep, and the ledger of turns."""

    def add(self, handoffs: Sequence[Handoff]) -> None:
        """Store new handoffs and set their `id`; one that is not closed exists per lead and stage."""

    def save(self, handoffs: Sequence[Handoff]) -> None:
        """Store everything about known handoffs."""

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[Handoff]]:
        """Handoffs by lead, oldest first."""

    def by_ids(self, ids: Sequence[int]) -> dict[int, Handoff]:
        """Handoffs by their own id; ids that are not known are absent."""

    def in_state(self, flow: str, state: HandoffState, limit: int = 1000) -> list[Handoff]:
        """Best first: hot, then points, then the longest waiting."""

    def opened_since(self, flow: str, since: datetime) -> int:
        """How many were opened at or after `since` (for `handoffs_per_day`)."""

    def open_by_owner(self) -> dict[str, int]:
        """How many leads each owner (by email) has in hand: their handoff is open, and they are `mql` or `sal`."""

    def add_turns(self, turns: Sequence[Turn]) -> None:
        """Append to the ledger of turns."""

    def turns(self, team: str, limit: int = 100) -> list[Turn]:
        """The latest turns of a team, newest first."""

    def turn_counts(self, team: str) -> dict[str, int]:
        """Turns so far by email."""

    def counts(self) -> dict[tuple[str, str], int]:
        """Number of handoffs by (flow, state)."""


@dataclass(slots=True)
class Run:
    """One run of the program: what kind, when, how it ended, and what it counted."""

    kind: str
    started_at: datetime
    id: int = 0
    connection: str = ""
    ended_at: datetime | None = None
    result: str = ""
    counts: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriteriaVersion:
    """A flow's scoring, gates and routing rules at one time, by hash, with their text."""

    flow: str
    version: str
    text: str
    author: str = ""
    note: str = ""
    at: datetime | None = None


class Ledgers(Protocol):
    """The books: runs, cursors, criteria versions, what is due when."""

    def start_run(self, run: Run) -> None:
        """Record a run's beginning and set its `id`."""

    def end_run(self, run: Run) -> None:
        """Record its end, result and counts."""

    def runs(self, limit: int = 20) -> list[Run]:
        """The latest runs, newest first."""

    def cursor(self, connection: str, stream: str) -> str:
        """The stored cursor, "" at the beginning."""

    def save_cursor(self, connection: str, stream: str, cursor: str, now: datetime) -> None:
        """Store a cursor, in the transaction that stores its page."""

    def add_criteria(self, version: CriteriaVersion) -> bool:
        """Keep a version; False where the flow's latest version is this one already."""

    def criteria(self, flow: str = "") -> list[CriteriaVersion]:
        """Versions, newest first."""

    def last_done(self, job: str) -> datetime | None:
        """When a scheduled job last finished."""

    def set_done(self, job: str, at: datetime) -> None:
        """A scheduled job finished."""


ReviewKind = Literal["set_aside", "missing_fields", "parked_flow", "notice"]


@dataclass(slots=True)
class ReviewItem:
    """Something that waits for a person.

    `key` is unique among the open items of its kind: the same fault seen again is one item whose
    `seen` counts up. `body` holds what is needed to try again (for a set-aside record: the stream
    and its values). `where` is `file:line`, a platform's id, or a flow.
    """

    kind: ReviewKind
    key: str
    where: str
    reason: str
    field: str = ""
    lead_id: int = 0
    connection: str = ""
    flow: str = ""
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    seen: int = 1
    first_at: datetime | None = None
    last_at: datetime | None = None
    id: int = 0


class Reviews(Protocol):
    """Set-aside records, missing fields, parked flows: listed, mended, replayed, dropped."""

    def put(self, items: Sequence[ReviewItem], now: datetime) -> None:
        """Open items, or count up those open already (by kind and key)."""

    def close(self, kind: ReviewKind, keys: Sequence[str], how: str, now: datetime) -> int:
        """Close open items by key (`mended`, `dropped`, `released`); returns how many."""

    def open(self, kind: ReviewKind | None = None, limit: int = 200, after_id: int = 0) -> list[ReviewItem]:
        """Open items, oldest first."""

    def get(self, ids: Sequence[int]) -> list[ReviewItem]:
        """Open items by id."""

    def is_open(self, kind: ReviewKind, keys: Sequence[str]) -> set[str]:
        """Which of these keys are open."""

    def counts(self) -> dict[str, int]:
        """Open items by kind."""


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Rows of the outbox of one target, state and reason that have not ended.

    `since` is when the oldest was put, `next_at` when the first of them is tried or looked up next (None: at once,
    or not before what it waits for). `behind`: they come after a row that only a person moves.
    """

    target: str
    state: str
    reason: str
    behind: bool
    rows: int
    since: datetime
    next_at: datetime | None
    tries: int


class Reports(Protocol):
    """Rows for readers; writes nothing."""

    def find_leads(self, text: str, limit: int = 10) -> list[int]:
        """Lead ids by our id (`17`), email or external id, exact."""

    def totals(self) -> dict[str, int]:
        """leads, activities, waiting_activities, links, transitions, handoffs."""

    def stages(self) -> dict[tuple[str, str], int]:
        """Number of leads by (flow, stage)."""

    def top_leads(self, limit: int = 10, flow: str = "") -> list[int]:
        """Ids of leads with the highest totals."""

    def links_of(self, lead_id: int) -> list[Link]:
        """All links of a lead."""

    def unmatched_activities(self, limit: int = 20) -> list[tuple[str, str, int]]:
        """(connection, event as the platform names it, count) of what no mapping entry matched."""

    def waiting_rows(self) -> dict[tuple[str, str, int], int]:
        """Number of rows of the outbox that wait to be sent, by (target, object, lane).

        Not those that come after a row that was refused or that a person decides about.
        """

    def held_up(self) -> list[HeldUp]:
        """Rows that have not ended and wait for more than their turn: by target, state and reason.

        All but those that were refused or parked, which have a number each, and those that were never tried,
        unless they come after one of these.
        """


class Admin(Protocol):
    """The store itself."""

    def store_id(self) -> str:
        """Six letters and digits that name this store; part of every key that we choose."""

    def meta(self, name: str) -> str:
        """A stored word, "" where there is none."""

    def set_meta(self, name: str, value: str) -> None:
        """Store a word."""

    def metas(self, prefix: str) -> dict[str, str]:
        """Stored words that are not empty, by name, of all names that begin with `prefix`."""

    def remember_account(self, connection: str, account: str) -> str:
        """The account this connection was first used with; stores `account` the first time."""

    def count_unmatched(self, connection: str, counts: Mapping[str, int]) -> None:
        """Add to the counts of activities that matched no mapping entry."""

    def numbers(self) -> dict[str, int]:
        """The last number that was given, by table; tables without any are absent."""

    def begin_numbers_after(self, table: str, last: int) -> None:
        """The next number of `table` is above `last`; one that is further on stays where it is."""

    def renumber_lead(self, before: int, after: int) -> None:
        """Give a lead, with all that is about it, a number that no lead has."""

    def renumber_handoff(self, before: int, after: int) -> None:
        """Give a handoff a number that no handoff has."""


class Mirror(Protocol):
    """What the CRMs have, as last read (model/mirror.py)."""

    def put(
        self, connection: str, records: Sequence[CrmRecord], now: datetime
    ) -> list[tuple[CrmRecord | None, CrmRecord]]:
        """Keep records by (connection, object, id); returns (before, after) of those that are new or say otherwise.

        When and by whom a record was changed is kept, but is alone no news. A record that is older
        than the one kept (a page read before a look-up) is left out, unless it tells of a deletion or a merge.
        """

    def get(self, connection: str, object: Mirrored, ids: Sequence[str]) -> dict[str, CrmRecord]:
        """Records by id, those that are gone too; ids that are not known are absent."""

    def find(
        self, connection: str, by: MirrorKey, words: Sequence[str], objects: Sequence[Mirrored] = ()
    ) -> dict[str, list[CrmRecord]]:
        """Live records (not gone, not merged) by one of their keys, in the order of their ids.

        Words under which nothing is found are absent; an empty word finds nothing.
        """

    def listing(self, connection: str, object: Mirrored, after_id: str = "", limit: int = 500) -> list[CrmRecord]:
        """Live records in the order of their ids."""

    def counts(self, connection: str) -> dict[str, int]:
        """Number of live records by object."""


@dataclass(frozen=True, slots=True)
class WritingRun:
    """A run that wrote something outside: how many records, and how many of them were taken back since."""

    id: int
    kind: str
    started_at: datetime | None
    records: int
    undone: int


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """How one limit of an account stands: `used` of `limit` in the window from `since` for `seconds`."""

    account: str
    rate: str
    used: int
    limit: int
    since: datetime
    seconds: float
    parked_until: datetime | None = None


class Budgets(Protocol):
    """Calls that may be made, by vendor account: shared by all processes of the store."""

    def take(self, account: str, rates: Sequence[Rate], lane: int, calls: int, now: datetime) -> float:
        """Take `calls` from every rate at once, or nothing: 0.0 if taken, else the seconds to wait.

        A lane may not touch what is kept for more urgent ones, nor what is left to others
        (http.open_to). A parked account gives nothing until its time has come. The seconds are
        those until the windows that stand in the way are over, `inf` for more calls than a window
        of the lane ever has. A window is counted from its first call. Of a window longer than a quarter of
        an hour whose use the platform tells, a few calls are granted after each such while without any: an
        answer tells whether the platform's own window has begun anew. `now` may be a little older
        than another caller's; where the clock was set back by more than a minute, windows move along.
        """

    def give_back(self, account: str, rates: Sequence[Rate], calls: int, now: datetime) -> None:
        """Calls that were taken and not made. `now` as it was when they were taken: a window that is over stays so."""

    def park(self, account: str, until: datetime) -> None:
        """Nobody calls this account before `until` (Retry-After); a later time stands."""

    def observed(self, account: str, usage: Usage, rate: Rate, now: datetime) -> None:
        """What the platform itself says was used, by everyone: never counted down within a window.

        Its limit stands from then on, whatever `rate` says. A window longer than a quarter of an hour
        that is used much less than was known is corrected, or has begun anew there, and so does here.
        """

    def standing(self, account: str = "") -> list[BudgetLine]:
        """How the limits stood at the last call of each, by account and rate.

        An account that was parked before its first call has one line with no rate.
        """


class Consents(Protocol):
    """What people said about being contacted (model/consent.py): only added to, but for what is forgotten."""

    def add(self, events: Sequence[ConsentEvent], now: datetime) -> list[ConsentEvent]:
        """Keep those that are not known yet, recorded at `now`; returns these, with their ids."""

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[ConsentEvent]]:
        """Events by lead, in the order in which they were said; leads without any are absent."""


class Images(Protocol):
    """What stood where a run wrote (model/before_image.py)."""

    def add(self, images: Sequence[BeforeImage]) -> None:
        """Keep images."""

    def of_run(self, run_id: int, after_id: int = 0, limit: int = 500) -> list[BeforeImage]:
        """A run's images behind `after_id`, in the order in which they were written."""

    def runs(self, limit: int = 20) -> list[WritingRun]:
        """The latest runs that have images, newest first."""

    def mark_undone(self, ids: Sequence[int], at: datetime | None) -> None:
        """These were taken back at `at`; None: they count as written again."""

    def undone(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, list[BeforeImage]]:
        """Images that were taken back, by our key, oldest first; keys without any are absent."""

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` images written before a time, but for those that were taken back; returns how many."""


class Applied(Protocol):
    """How far plans were applied, so that one that was interrupted goes on."""

    def note(self, plan: str, rows: Mapping[int, str], at: datetime) -> None:
        """Rows of a plan, by their number, are done with: the word says how."""

    def of_plan(self, plan: str) -> dict[int, str]:
        """What became of the rows of a plan, by their number."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whose digest it is (a word that only says which digests are one person's), and when they were forgotten."""

    person: str
    at: datetime


class Erased(Protocol):
    """Who was forgotten, as keyed digests of their ids and addresses: nobody can be read out of it."""

    def add(self, digests: Mapping[str, str], at: datetime, person: str = "") -> None:
        """Keep digests, each with the kind of what it is of (`email`, `phone`, `id`); `person` holds them together."""

    def known(self, digests: Collection[str]) -> dict[str, Erasure]:
        """Those of these that are kept."""

    def forget(self, people: Collection[str]) -> int:
        """These people have come back by their own will; returns how many digests of theirs there were."""

    def any(self) -> bool:
        """Whether anybody was ever forgotten."""


class Personal(Protocol):
    """All that is stored about one person, by table: to hand it out, or to erase it."""

    def person(self, lead_id: int) -> Person:
        """What the person of a lead is known by, with all leads that were merged into it or with it."""

    def stranger(self, email: str) -> Person:
        """The same of somebody who is no lead, by a normalised address."""

    def stored(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Rows by table; times are datetimes, JSON is read."""

    def words(self, person: Person) -> dict[str, str]:
        """Stored words that name them, by name."""

    def under_way(self, person: Person) -> int:
        """How many writes about them are on their way, or of which nobody knows whether they were made."""

    def is_forgotten(self, lead_id: int) -> bool:
        """Whether a lead had this number and was forgotten."""

    def erase(self, person: Person, now: datetime) -> dict[str, int]:
        """Delete what is about them; of moves and handoffs only times and points stay. Returns rows by table."""


class Retention(Protocol):
    """Deleting what is older than it is to be kept, up to `limit` rows at a time; returns how many went."""

    def activities(self, before: datetime, after_id: int, limit: int) -> tuple[list[int], int]:
        """Of `limit` activities behind `after_id` those that were done before a time; and the id to go on behind.

        That id is 0 at the end. This only reads.
        """

    def drop_activities(self, ids: Sequence[int]) -> int:
        """Delete activities; counts over all time keep them. Say `cut` before: what is told again is not taken then."""

    def reviews(self, before: datetime, limit: int) -> int:
        """Items that were closed before a time."""

    def runs(self, before: datetime, limit: int) -> int:
        """Runs that ended before a time and of which no before-image is kept."""

    def plans(self, before: datetime, limit: int) -> int:
        """What became of plans that were applied before a time: all rows of a plan, or none."""

    def transitions(self, before: datetime, limit: int) -> int:
        """Moves before a time, but for the last one of each lead."""

    def briefs(self, before: datetime, limit: int) -> int:
        """Texts of handoffs that were closed before a time; the handoffs themselves stay."""

    def complete_from(self) -> dict[str, datetime]:
        """From when on what is kept is complete, by table; what was never cut is absent."""

    def cut(self, table: str, before: datetime) -> None:
        """Say that what was before a time is gone from a table; an earlier time changes nothing."""


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
