"""What an adapter is: the public API for platforms, ours and third parties'.

A module `adapters/<type>.py` (or one named by the entry point `baton.adapters`) holds

    ADAPTER = Adapter(settings=Settings, source=MySource, crm=MyCrm)

with one or both roles. An adapter gets its settings and a `Context` handed in. It never
stores, logs bodies, sleeps or retries by itself, and the core never asks which platform it is:
what differs is declared here as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from connector.model.hooks import Hooks
from connector.model.http import Api, Http
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import LANES, Found, Outcome
from connector.model.publishing import Goal, PublishedPage
from connector.model.records import Page, Split, Window
from connector.model.refusals import RefusalKind


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field that the platform has. `fill` is the share of records that have a value, 0 to 1.

    `choices` are the values it takes, where it takes only some; `ids` says what is sent for one of
    them, where that is something else: a user's id for an owner's email, a record type's id for
    its name. `restricted`: any other value is refused. `writable`: we are allowed to write it.
    `unique`: no two records have the same value. `label` is what people see. `forward`: the choices follow one
    another, and where others have set a later one than is written, that one stays.
    """

    object: str
    name: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    fill: float | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    restricted: bool = False
    writable: bool = True
    unique: bool = False
    label: str = ""
    forward: bool = False


@dataclass(frozen=True, slots=True)
class SourceCapabilities:
    """What a marketing source can do. `streams` in the order they are to be read.

    Those of `contact_streams` tell of people (deletions may have a stream of their own), the others
    of what they did.
    """

    streams: tuple[str, ...] = ("contacts", "activities")
    contact_streams: tuple[str, ...] = ("contacts",)
    page_size: int = 1000
    windows: bool = False  #: can be read by bounds of time (backfill --since --until)
    reports_deletes: bool = False
    reports_merges: bool = False
    read_ahead: int = 0  #: pages that may be fetched before the last one is stored; 0: one after the other
    parts: int = 0  #: in how many parts the beginning of a stream may be read at once (`DivisibleSource`)
    fill_rates: bool = True  #: `fields` tells the share of records that have a value
    #: What comes into sight long after its time of change may be missed: windows of it are read again now and then.
    sweeps: bool = False


@dataclass(frozen=True, slots=True)
class CrmCapabilities:
    """What a CRM can do, with the seconds the protocol of writing depends on.

    `unique_key`: `field` (we set a unique field), `chosen_id` (we choose the primary key) or
    `none` (it can only be searched). `find`: whether a look-up by our key reads its own writes
    (`consistent`), lists a parent's children (`parent`), or goes through a lagging `search`.
    A request takes effect within `settle` seconds of being sent or never; what took effect can
    be found within `lag` seconds after that.
    """

    objects: tuple[str, ...] = ("lead", "task", "note")
    unique_key: Literal["field", "chosen_id", "none"] = "field"
    find: Literal["consistent", "parent", "search"] = "consistent"
    settle: float = 0.0
    lag: float = 0.0
    max_batch: int = 100
    batch: Literal["per_item", "all_or_nothing"] = "per_item"
    correlate: Literal["key", "trace", "position"] = "key"
    reports_deletes: bool = False  #: `changes` tells what was deleted or merged, if some hours later than changes
    merge_redirect: bool = False  #: who was merged is found, and written to, as the one merged into
    in_store: bool = False  #: lives in our own store: effect and receipt are one transaction
    deadline: float = 30.0  #: total seconds one call may take
    trims_text: bool = False  #: blanks around a text are not kept
    any_field: bool = False  #: keeps fields that `fields` does not name
    streams: tuple[str, ...] = ()  #: what can be read back (`ReadableCrm`), in the order to read it; none: nothing can
    look_up_batch: int = 0  #: how many people one look-up may ask for; 0: none can be looked up
    vocabulary: bool = False  #: `fields` tells what is accepted: values are held against it before they are sent
    field_codes: frozenset[str] = frozenset()  #: codes of refusals that are about the value of one field alone
    refusal_kinds: Mapping[str, RefusalKind] = field(default_factory=dict)  #: what the platform's codes mean
    read_ahead: int = 0  #: pages of changes that may be fetched before the last one is stored
    writers: int = 1  #: how many batches may be on their way at once
    read_back_lag: float = 0.0  #: seconds until a change is sure to be told by `changes`
    key_fields: Mapping[str, str] = field(default_factory=dict)  #: the field that holds our key, by object
    lead_is: Literal["lead", "contact"] = "lead"  #: what our leads are among its records (`CrmRecord.object`)
    exceptions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  #: what differs, by object
    sweeps: tuple[str, ...] = ()  #: streams of which changes may be missed, and looked for (`SweepableCrm`)
    tells_blank: bool = False  #: a look-up names fields that hold nothing too: what it does not name, it cannot tell
    apart: bool = False  #: creates and changes that were handed in together take a call each
    one_by_one: bool = False  #: each item of a write takes a call of its own, at least
    #: The values that end one, by object: a task that nobody is to do any more.
    ended: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()  #: objects that can be deleted (`DeletingCrm`)
    publishes: tuple[str, ...] = ()  #: `page`, `goal`: what can be published beside the leads (`PublishingCrm`)

    def of(self, object: str) -> CrmCapabilities:
        """The capabilities for one object: a CRM may have a unique key for leads and none for tasks."""
        return replace(self, **self.exceptions[object]) if object in self.exceptions else self


@dataclass(frozen=True, slots=True)
class WriteItem:
    """One write. `our_key` is our unique key for the object and travels inside the create.

    `crm_id` is set once known, and then addresses the object; `parent_id` is the CRM id of the
    object it hangs on, and `parent_object` what that is. `values` are in the platform's own field
    names. `attempt` counts from 1. `lane` is how urgent it is. `known` are the values that the
    platform last acknowledged to us, so that what others said can be told from what we said.
    """

    object: str
    our_key: str
    values: Mapping[str, Any]
    crm_id: str = ""
    parent_id: str = ""
    attempt: int = 1
    parent_object: str = "lead"
    lane: int = LANES["normal"]
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindItem:
    """A look-up of one object: by `crm_id` where known, else by our key, else by its parent. `lane`: how urgent."""

    object: str
    our_key: str
    crm_id: str = ""
    parent_id: str = ""
    parent_object: str = "lead"
    lane: int = LANES["status"]


@dataclass(slots=True)
class Context:
    """What the outside hands an adapter.

    `root` is the folder of `config.toml`, which relative paths start from. `now` is the clock.
    `secret` reads a secret by name and raises `AuthError` where there is none. `http` calls the
    platform, where the adapter declares an `api`. `columns` are the platform's names that the mapping
    reads, of contacts and of `[read.stage]`, `stage_only` those of `[read.stage]` alone; `written` those
    that it writes, by object. `store_id` is in every key that we choose. `extra` may hold `lists`, the
    names of lists that leads join. `keep_secret(name, value)` keeps a secret that the platform has made while it is
    set up, "" forgets it; it raises AuthError where secrets are kept in a place that is only read.
    """

    connection: str
    root: Path
    now: Callable[[], datetime]
    secret: Callable[[str], str]
    http: Http | None = None
    columns: frozenset[str] = frozenset()
    stage_only: frozenset[str] = frozenset()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    store_id: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    keep_secret: Callable[[str, str], None] | None = None


class Source(Protocol):
    """The marketing role."""

    capabilities: SourceCapabilities

    def check(self) -> None:
        """Prove that the connection works. Raises AuthError or ConfigError."""

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of `stream` after `cursor` ("" is the beginning), or within `window`.

        Yields nothing where nothing is new. Raises AuthError, ConfigError, RetryableError; what
        an admin must mend in one part of a stream is raised after the rest has been yielded.
        """

    def fields(self) -> list[FieldInfo]:
        """The fields the platform has, with fill rates where it can tell."""


class DivisibleSource(Source, Protocol):
    """A source whose capabilities name `parts`. Its `pull` may be called by several threads at once."""

    def split(self, stream: str, parts: int) -> Split | None:
        """The beginning of a stream as up to `parts` disjoint parts; None where that is of no use.

        Together they tell all that the stream had when it was asked. Each is walked by `pull` with a cursor
        of its own. Raises AuthError, ConfigError, RetryableError.
        """


class Crm(Protocol):
    """The sales role."""

    capabilities: CrmCapabilities

    def check(self) -> None:
        """Prove that the connection works. Raises AuthError or ConfigError."""

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Write up to `max_batch` items; one outcome per item, in the order given.

        Raises AuthError where the connection was refused: then nothing was executed.
        """

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look objects up; one answer per item, in the order given. Writes nothing.

        Raises AuthError, RetryableError.
        """

    def fields(self) -> list[FieldInfo]:
        """The fields the platform has."""


class ReadableCrm(Crm, Protocol):
    """A CRM whose capabilities name `streams` or a `look_up_batch`."""

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream` after `cursor` ("" is the beginning).

        What changed again while it was read comes again, then or with the next walk: of what is told twice the
        later stands. Yields nothing where nothing is new.
        Raises AuthError, ConfigError, RetryableError.
        """

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Live leads and contacts with any of these keys, with their accounts, as the CRM has them now.

        Raises AuthError, RetryableError.
        """


class SweepableCrm(ReadableCrm, Protocol):
    """A CRM whose capabilities name `sweeps`."""

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """Pages of all that changed in `stream` since a moment and is in sight by now, as it is now.

        "" begins, the cursor of a page goes on behind it. Leaves the account to what is more urgent.
        Raises AuthError, ConfigError, RetryableError.
        """


class DeletingCrm(Crm, Protocol):
    """A CRM whose capabilities name `deletes`: asked only where an admin takes a run back and says so."""

    def delete(self, items: Sequence[FindItem]) -> list[Outcome]:
        """Delete records by their `crm_id`; one outcome per item, in the order given.

        What is gone already is done. Where the platform has a bin, they go there.
        Raises AuthError where the connection was refused: then nothing was executed.
        """


class PublishingCrm(Crm, Protocol):
    """A CRM whose capabilities name what it `publishes`.

    Both look first for what carries the key, so that the same again changes nothing; what is `Unknown` may be asked
    for again once `settle` and `lag` have gone by. Both raise AuthError where nothing was executed.
    """

    def publish_page(self, page: PublishedPage) -> Outcome:
        """Make the page, or bring it up to date; what people wrote on it is replaced."""

    def put_goal(self, goal: Goal) -> Outcome:
        """Make the goal and its targets, or bring them up to date. Targets that are not named are left alone."""


class TaskTeller(Protocol):
    """A CRM that can say which tasks of ours hang on a record: asked after a restore, never otherwise."""

    def tasks_of(self, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CrmRecord]]:
        """The tasks that carry a key of ours, by the record (object, id) that they hang on; others may be absent.

        `modified_at` is when the task was made. Raises AuthError, RetryableError.
        """


@dataclass(frozen=True, slots=True)
class SetupStep:
    """Something a platform must have before Baton can work with it.

    `what` says it in words. `there`: it is there already. `act` makes it, where the platform
    allows that; otherwise `by_hand` are the numbered steps for an admin.
    """

    what: str
    there: bool
    act: Callable[[], None] | None = None
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another connector that is at work in a source beside us.

    `what` names it. `links` are the source's fields in which it keeps the ids of people in the CRM;
    `shared` are fields that our mapping writes and that it may write too.
    """

    what: str
    links: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


class Neighbourly(Protocol):
    """A source that can say who else is at work there."""

    def beside(self) -> list[Neighbour]:
        """The connectors that have left their marks. Raises AuthError, ConfigError, RetryableError."""


class Preparable(Protocol):
    """A role that can say what its platform must be given first."""

    def setup(self) -> list[SetupStep]:
        """What is needed, what is there already. Reads only; the steps' `act` writes."""


@dataclass(frozen=True, slots=True)
class DeskRecord:
    """A record of the built-in desk. `parent_id` is the desk id of what it hangs on, `seq` its place among changes."""

    object: str
    id: str
    our_key: str
    parent_id: str
    values: Mapping[str, Any]
    changed_at: datetime
    seq: int


class Desk(Protocol):
    """Where the built-in desk keeps its records: a port of the store, bound to one transaction."""

    def put(
        self, object: str, our_key: str, parent_id: str, values: Mapping[str, Any], at: datetime
    ) -> tuple[str, int]:
        """Create or update by our key; returns (desk id, revision)."""

    def get(self, object: str, our_key: str) -> tuple[str, dict[str, Any]] | None:
        """(desk id, values) of a record, or None."""

    def listing(self, object: str, after: int = 0, limit: int = 100) -> list[tuple[str, str, dict[str, Any]]]:
        """(desk id, our key, values), in the order of desk ids."""

    def record(self, object: str, our_key: str) -> DeskRecord | None:
        """The whole record, or None."""

    def changed(self, object: str, after: int, limit: int) -> list[DeskRecord]:
        """Records whose last change is behind the place `after`, in the order of their last changes."""


class InStoreCrm(ReadableCrm, Protocol):
    """A CRM whose capabilities say `in_store`. People answer in it by our own pages."""

    def within(self, desk: Desk) -> InStoreCrm:
        """This CRM, reading and writing through `desk` and so within its transaction."""

    def told(self, record: DeskRecord) -> CrmRecord:
        """A record as `changes` tells it."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A module's `ADAPTER`. `settings` is a pydantic model, `extra="forbid"`.

    `signs_in`: the platform asks who we are, so that credentials can be wrong. `api` says how its HTTP API
    is reached, by the settings. `hooks` reads what the platform tells by itself.
    """

    settings: type[Any]
    source: Callable[[Any, Context], Source] | None = None
    crm: Callable[[Any, Context], Crm] | None = None
    signs_in: bool = True
    api: Callable[[Any], Api] | None = None
    hooks: Hooks | None = None
