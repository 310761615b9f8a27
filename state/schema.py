"""The tables, for migrating a store and for the statements that make a new one.

Only these need SQLAlchemy, whose import costs more than a whole quiet run may take; the
ports speak SQL to the driver (docs/decisions/005-sql-to-the-driver.md). Every constraint is
named, or SQLite's batch migrations could not drop it. Times are microseconds (connector.model.times).
JSON is text, so that it can be read with any database tool.

    python -m state.schema

writes the files in new_store, after a change here (and with the migration that does the same).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

#: SQLite makes a column the row's own key only where its type is spelt INTEGER.
KEY = BigInteger().with_variant(Integer, "sqlite")
HELD = "state IN ('in_flight', 'unknown', 'parked')"
# What somebody may still do something about. Delivered rows are kept, and soon outnumber the rest.
UNFINISHED = "state NOT IN ('done', 'superseded', 'dropped')"
#: The stages of a funnel, of which a lead's history has few rows (funnel.py). With IN, SQLite would
#: make a table of the words for each row that is added: three times the cost of adding one.
ON_THE_WAY = "(stage = 'mql' OR stage = 'sal' OR stage = 'sql' OR stage = 'opportunity' OR stage = 'won')"
#: The keys by which a CRM's records are searched (model/mirror.py).
SEARCHED = ("our_key", "email", "phone", "domain", "account", "person")


def _key() -> Column[int]:
    return Column("id", KEY, primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _lead(*, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column("lead_id", KEY, ForeignKey("leads.id"), nullable=nullable, primary_key=primary_key)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


#: As Alembic makes it; here so that a new store needs no Alembic.
version_table = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True, nullable=False))
meta = Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))
#: The last integer key given out, by table: keys are never used again, not even after a deletion.
ids = Table(
    "ids",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

leads = Table(
    "leads",
    metadata,
    _key(),
    Column("email", Text),
    _text("body"),
    _time("created_at", nullable=False),
    _time("changed_at", nullable=False),
    _partial("ix_leads_email", "email", where="email IS NOT NULL"),
)
#: Apart from the body, so that scoring again rewrites a short row.
standings = Table(
    "standings",
    metadata,
    _lead(primary_key=True),
    _text("stage"),
    _time("stage_since"),
    _text("flow"),
    _text("owner"),
    _number("total"),
    _text("grade"),
    _time("due_at"),
    Column("score", Text),
    Column("merged_into", KEY, nullable=False, server_default="0"),
    _partial("ix_standings_due_at", "due_at", where="due_at IS NOT NULL"),
    _partial("ix_standings_merged", "merged_into", where="merged_into <> 0"),
)
links = Table(
    "links",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    _lead(),
    Column("digest", BigInteger, nullable=False, server_default="0"),
    _text("origin"),
    Index("ix_links_lead_id", "lead_id"),
    sqlite_with_rowid=False,
)
activities = Table(
    "activities",
    metadata,
    _key(),
    _text("connection"),
    _text("source_id"),
    _text("person"),
    _lead(nullable=True),
    _time("at", nullable=False),
    _text("kind"),
    _text("topic"),
    _text("asset"),
    _number("seconds"),
    Column("body", Text),
    UniqueConstraint("connection", "source_id"),
    Index("ix_activities_lead_id", "lead_id", "at"),
    _partial("ix_activities_waiting", "connection", "person", where="lead_id IS NULL"),
)
activity_days = Table(
    "activity_days",
    metadata,
    _lead(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    _number("events"),
    sqlite_with_rowid=False,
)
unmatched = Table(
    "unmatched",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    _number("events"),
    sqlite_with_rowid=False,
)
transitions = Table(
    "transitions",
    metadata,
    _key(),
    _lead(),
    _text("flow"),
    Column("origin", Text),
    _text("stage"),
    _time("at", nullable=False),
    _text("moved_by"),
    _text("why"),
    _text("version"),
    _number("total"),
    _text("grade"),
    Index("ix_transitions_lead_id", "lead_id"),
    _partial("ix_transitions_way", "lead_id", "flow", "stage", "at", where=ON_THE_WAY),
)
#: When each lead first came to each stage of the way (ways.py).
ways = Table(
    "ways",
    metadata,
    _lead(primary_key=True),
    Column("flow", Text, primary_key=True),
    *map(_time, ("mql", "sal", "sql", "opportunity", "won")),
    _text("version"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _key(),
    _text("target"),
    _text("kind"),
    _text("object"),
    _text("our_key"),
    _text("key"),
    _number("revision"),
    _text("body"),
    _lead(nullable=True),
    _text("field_group"),
    Column("lane", SmallInteger, nullable=False),
    _text("after_key"),
    _text("parent"),
    Column("parent_object", Text, nullable=False, server_default="lead"),
    _text("flow"),
    Column("run_id", KEY, nullable=False, server_default="0"),
    _text("state"),
    _number("attempts"),
    _number("resends"),
    _number("epoch"),
    _time("not_before"),
    _time("sent_at"),
    _time("deadline"),
    _time("resolve_at"),
    _text("crm_id"),
    _text("reason"),
    _text("code"),
    _text("field"),
    _time("created_at", nullable=False),
    _time("changed_at", nullable=False),
    # Rows that are not of kind `state` have revision 0: their key is unique for ever.
    UniqueConstraint("key", "revision"),
    _partial("ix_outbox_waiting", "target", "lane", "id", where="state = 'waiting'"),
    _partial("ix_outbox_unfinished", "target", "state", where=UNFINISHED),
    _partial("uq_outbox_newest", "key", where="state = 'waiting' AND kind = 'state'", unique=True),
    _partial("uq_outbox_held", "target", "object", "our_key", where=HELD, unique=True),
    _partial("ix_outbox_lead_id", "lead_id", where="lead_id IS NOT NULL"),
    _partial("ix_outbox_done", "target", "object", "our_key", where="state = 'done' AND kind = 'state'"),
)
receipts = Table(
    "receipts",
    metadata,
    Column("target", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("our_key", Text, primary_key=True),
    _text("crm_id"),
    _text("body"),
    _text("revision"),
    _lead(nullable=True),
    _time("at"),
    _number("gone"),
    _partial("ix_receipts_lead_id", "lead_id", where="lead_id IS NOT NULL"),
    _partial("ix_receipts_crm_id", "crm_id", where="crm_id <> ''"),
    sqlite_with_rowid=False,
)
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    _text("owner"),
    _number("epoch"),
    _time("until_at", nullable=False),
)

handoffs = Table(
    "handoffs",
    metadata,
    _key(),
    _lead(),
    _text("flow"),
    _text("stage"),
    _text("state"),
    _time("decided_at", nullable=False),
    _text("version"),
    _number("hot"),
    _number("total"),
    _text("grade"),
    _text("owner"),
    _text("team"),
    _text("routed_by"),
    _time("opened_at"),
    _time("due_at"),
    _text("released_by"),
    _text("brief"),
    _text("target"),
    _text("record"),
    _time("accepted_at"),
    _time("contacted_at"),
    _time("closed_at"),
    _text("reason"),
    Column("rating", Integer),
    _time("accept_due_at"),
    _time("review_due_at"),
    _time("next_at"),
    _time("back_at"),
    _time("acted_at"),
    Column("worked", Integer),
    _text("reviewer"),
    _text("words"),
    _text("roster"),
    Column("previous_id", KEY, nullable=False, server_default="0"),
    _partial("ix_handoffs_next_at", "next_at", where="next_at IS NOT NULL"),
    _partial("uq_handoffs_current", "lead_id", "stage", where="state <> 'closed'", unique=True),
    Index("ix_handoffs_lead_id", "lead_id"),
    Index("ix_handoffs_flow", "flow", "state"),
    _partial("ix_handoffs_owner", "owner", where="state = 'open'"),
    _partial(
        "ix_handoffs_answered",
        "lead_id",
        "flow",
        "opened_at",
        "contacted_at",
        "worked",
        where="opened_at IS NOT NULL",
    ),
)
turns = Table(
    "turns",
    metadata,
    _key(),
    Column("handoff_id", KEY, ForeignKey("handoffs.id"), nullable=False),
    _text("team"),
    _text("email"),
    _time("at", nullable=False),
    _text("rule"),
    _number("given"),
    _text("weights"),
    Index("ix_turns_team", "team", "id"),
)

runs = Table(
    "runs",
    metadata,
    _key(),
    _text("kind"),
    _text("connection"),
    _time("started_at", nullable=False),
    _time("ended_at"),
    _text("result"),
    _text("counts"),
)
cursors = Table(
    "cursors",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    _text("position"),
    _time("changed_at", nullable=False),
)
criteria = Table(
    "criteria",
    metadata,
    _key(),
    _text("flow"),
    _text("version"),
    _text("body"),
    _text("author"),
    _text("note"),
    _time("at", nullable=False),
    Index("ix_criteria_flow", "flow", "id"),
)
jobs = Table("jobs", metadata, Column("name", Text, primary_key=True), _time("done_at", nullable=False))
reviews = Table(
    "reviews",
    metadata,
    _key(),
    _text("kind"),
    _text("key"),
    _text("place"),
    _text("reason"),
    _text("field"),
    _lead(nullable=True),
    _text("connection"),
    _text("flow"),
    _text("body"),
    _number("seen"),
    _time("first_at", nullable=False),
    _time("last_at", nullable=False),
    _time("closed_at"),
    _text("closed_how"),
    _partial("uq_reviews_open", "kind", "key", where="closed_at IS NULL", unique=True),
)
desk = Table(
    "desk",
    metadata,
    _key(),
    _text("object"),
    _text("our_key"),
    _text("parent_id"),
    _text("body"),
    _number("revision"),
    _time("created_at", nullable=False),
    _time("changed_at", nullable=False),
    Column("seq", KEY, nullable=False, server_default="0"),
    UniqueConstraint("object", "our_key"),
    Index("ix_desk_seq", "object", "seq"),
)


def _searched(name: str) -> Index:
    return _partial(f"ix_mirror_{name}", "connection", name, where=f"{name} <> '' AND live = 1")


#: What the CRMs have. `live` is 0 for what was deleted or merged away there.
mirror = Table(
    "mirror",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    *map(_text, SEARCHED),
    Column("live", SmallInteger, nullable=False, server_default="1"),
    _time("modified_at"),
    _text("modified_by"),
    Column("digest", BigInteger, nullable=False, server_default="0"),
    _text("body"),
    _time("changed_at", nullable=False),
    *map(_searched, SEARCHED),
    _partial("ix_mirror_live", "connection", "object", where="live = 1"),
)
#: Calls made, by account and limit; the row without a rate is the account's own: until when nobody calls.
budgets = Table(
    "budgets",
    metadata,
    Column("account", Text, primary_key=True),
    Column("rate", Text, primary_key=True),
    _number("used"),
    _number("calls"),
    _number("said"),
    Column("since", BigInteger, nullable=False, server_default="0"),
    Column("length", BigInteger, nullable=False, server_default="0"),
    Column("at", BigInteger, nullable=False, server_default="0"),
    _time("parked_until"),
)
#: Every word about being contacted. An event is known by what it says, so that it is kept once.
consents = Table(
    "consents",
    metadata,
    _key(),
    _lead(),
    _text("channel"),
    _text("scope"),
    _number("given"),
    _time("at", nullable=False),
    _number("certain"),
    _text("source"),
    _text("how"),
    _text("evidence"),
    _time("recorded_at", nullable=False),
    UniqueConstraint("lead_id", "channel", "scope", "given", "source", "how", "at"),
)
#: What stood where a run wrote, for taking it back.
images = Table(
    "images",
    metadata,
    _key(),
    Column("run_id", KEY, nullable=False),
    _text("target"),
    _text("object"),
    _text("our_key"),
    _text("crm_id"),
    _lead(nullable=True),
    _text("flow"),
    _text("written"),
    _text("before"),
    _number("created"),
    _time("at", nullable=False),
    _time("undone_at"),
    Index("ix_images_run_id", "run_id", "id"),
    Index("ix_images_at", "at"),
    _partial("ix_images_lead_id", "lead_id", where="lead_id IS NOT NULL"),
    _partial("ix_images_undone", "target", "object", "our_key", where="undone_at IS NOT NULL"),
)
#: What became of the rows of a plan.
applied = Table(
    "applied",
    metadata,
    Column("plan", Text, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    _text("outcome"),
    _time("at", nullable=False),
    sqlite_with_rowid=False,
)
#: Who was forgotten: keyed digests.
erased = Table(
    "erased",
    metadata,
    Column("digest", Text, primary_key=True),
    _text("kind"),
    _time("at", nullable=False),
    sqlite_with_rowid=False,
)

#: Blocking keys: leads that have one in common are compared.
lead_keys = Table(
    "lead_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    _lead(primary_key=True),
    Index("ix_lead_keys_lead_id", "lead_id"),
    sqlite_with_rowid=False,
)
#: Leads whose keys are to be made.
to_match = Table("to_match", metadata, _lead(primary_key=True))
#: The same for people and accounts of the CRMs.
record_keys = Table(
    "record_keys",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("object", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Index("ix_record_keys_record", "connection", "object", "external_id"),
    sqlite_with_rowid=False,
)
#: Two leads that may be one person.
pairs = Table(
    "pairs",
    metadata,
    _key(),
    _lead(),
    Column("other_id", KEY, ForeignKey("leads.id"), nullable=False),
    _number("points"),
    _text("band"),
    _text("findings"),
    _text("state"),
    _text("note"),
    _text("decided_by"),
    _time("first_at", nullable=False),
    _time("decided_at"),
    UniqueConstraint("lead_id", "other_id"),
    Index("ix_pairs_other_id", "other_id"),
    _partial("ix_pairs_open", "id", where="state = 'open'"),
)
#: Two leads that were made one: `lead_id` is the winner.
joinings = Table(
    "joinings",
    metadata,
    _key(),
    _lead(),
    Column("loser_id", KEY, ForeignKey("leads.id"), nullable=False),
    _text("how"),
    _text("made_by"),
    _time("at", nullable=False),
    _text("before"),
    _time("undone_at"),
    _text("undone_by"),
    Index("ix_joinings_lead_id", "lead_id"),
    Index("ix_joinings_loser_id", "loser_id"),
)
companies = Table(
    "companies",
    metadata,
    _key(),
    _text("domain"),
    _text("body"),
    _number("total"),
    _number("people"),
    _text("made_of"),
    _time("changed_at", nullable=False),
)
company_keys = Table(
    "company_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", KEY, ForeignKey("companies.id"), primary_key=True, autoincrement=False),
    Index("ix_company_keys_company_id", "company_id"),
    sqlite_with_rowid=False,
)
#: Whose people are whose.
company_people = Table(
    "company_people",
    metadata,
    _lead(primary_key=True),
    Column("company_id", KEY, ForeignKey("companies.id"), nullable=False),
    Index("ix_company_people_company_id", "company_id", "lead_id"),
)
#: What became of a handoff, and what was done about it: each once, by its key.
handoff_events = Table(
    "handoff_events",
    metadata,
    _key(),
    Column("handoff_id", KEY, ForeignKey("handoffs.id"), nullable=False),
    _text("key"),
    _text("kind"),
    _time("at", nullable=False),
    _time("noted_at", nullable=False),
    _text("who"),
    _text("body"),
    UniqueConstraint("handoff_id", "key"),
    Index("ix_handoff_events_noted_at", "noted_at"),
)
#: When somebody is away; an end that is not known is NULL.
absences = Table(
    "absences",
    metadata,
    _key(),
    _text("email"),
    _time("from_at", nullable=False),
    _time("until_at"),
    _text("deputy"),
    _text("note"),
    _text("made_by"),
    _time("recorded_at", nullable=False),
    _time("ended_at"),
    Index("ix_absences_email", "email"),
)
#: Teams and people as the configuration had them, by hash.
rosters = Table(
    "rosters",
    metadata,
    Column("version", Text, primary_key=True),
    _text("body"),
    _time("at", nullable=False),
)
#: What somebody was told about and may recover: told once a change.
notice_states = Table(
    "notice_states",
    metadata,
    Column("key", Text, primary_key=True),
    _text("kind"),
    _text("state"),
    _time("since", nullable=False),
    _time("told_at"),
    _text("body"),
    sqlite_with_rowid=False,
)
#: Review packs that were made, with their numbers.
packs = Table(
    "packs",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    _time("made_at", nullable=False),
    _time("sent_at"),
    _text("body"),
)
meetings = Table(
    "meetings",
    metadata,
    _key(),
    _text("kind"),
    _text("period"),
    _time("at", nullable=False),
    _text("made_by"),
    _text("body"),
)
#: What was decided in a meeting, and who does what by when.
agreements = Table(
    "agreements",
    metadata,
    _key(),
    Column("meeting_id", KEY, ForeignKey("meetings.id"), nullable=False),
    _text("kind"),
    _text("text"),
    _text("owner"),
    _text("due_on"),
    _text("state"),
    _time("closed_at"),
    _text("note"),
    Index("ix_agreements_meeting_id", "meeting_id"),
)

#: Who may see the desk, and as what. `password` is a salted hash (argon2); `epoch` grows when all sessions end.
users = Table(
    "users",
    metadata,
    Column("email", Text, primary_key=True),
    _text("name"),
    _text("roles"),
    _text("password"),
    _text("language"),
    _number("epoch"),
    _time("created_at", nullable=False),
    _time("last_at"),
    _time("disabled_at"),
    sqlite_with_rowid=False,
)
#: Logins that failed, by what they are counted by (hashed): an address, a name.
attempts = Table(
    "attempts",
    metadata,
    _key(),
    _text("key"),
    _time("at", nullable=False),
    Index("ix_attempts_key", "key", "at"),
)
#: Who did what on the desk.
audit = Table(
    "audit",
    metadata,
    _key(),
    _time("at", nullable=False),
    _text("who"),
    _text("role"),
    _text("action"),
    _lead(nullable=True),
    Column("handoff_id", KEY, nullable=True),
    _text("body"),
    Index("ix_audit_at", "at"),
    _partial("ix_audit_lead_id", "lead_id", where="lead_id IS NOT NULL"),
)
#: Goals as the configuration had them: a row for each change of one.
goal_versions = Table(
    "goal_versions",
    metadata,
    _key(),
    _text("goal"),
    _time("at", nullable=False),
    _text("body"),
    Index("ix_goal_versions_goal", "goal", "at"),
)
#: Criteria that would move many leads at once, and wait to be accepted: until then the version before decides.
criteria_waiting = Table(
    "criteria_waiting",
    metadata,
    Column("flow", Text, primary_key=True),
    _text("version"),
    _text("before"),
    _time("since", nullable=False),
    _text("body"),
    sqlite_with_rowid=False,
)


def statements(database: str) -> str:
    """What makes a new store in a kind of database (`sqlite`, `postgresql`), as SQL."""
    from sqlalchemy.dialects.postgresql.base import PGDialect
    from sqlalchemy.dialects.sqlite.base import SQLiteDialect
    from sqlalchemy.engine import Dialect
    from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

    spoken: Dialect = SQLiteDialect() if database == "sqlite" else PGDialect()  # type: ignore[no-untyped-call]
    parts: list[ExecutableDDLElement] = []
    for table in metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        parts += [CreateTable(table), *map(CreateIndex, indexes)]
    texts = [str(part.compile(dialect=spoken)).strip() + ";" for part in parts]
    lines = [line.rstrip().replace("\t", "    ") for text in texts for line in text.splitlines()]
    return "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    from state.creating import script

    for kind in ("sqlite", "postgresql"):
        script(kind).write_text(statements(kind), "utf-8")
