"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: In the order of what refers to what.
TABLES = (
    "criteria",
    "cursors",
    "desk",
    "ids",
    "jobs",
    "leads",
    "leases",
    "meta",
    "runs",
    "unmatched",
    "activities",
    "activity_days",
    "handoffs",
    "links",
    "outbox",
    "receipts",
    "reviews",
    "standings",
    "transitions",
    "turns",
)


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=False, nullable=False)


def _reference(name: str, *, nullable: bool) -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _time(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "criteria",
        _id(),
        _text("flow"),
        _text("version"),
        _text("body"),
        _text("author"),
        _text("note"),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_criteria"),
    )
    op.create_index("ix_criteria_flow", "criteria", ["flow", "id"])
    op.create_table(
        "cursors",
        _word("connection"),
        _word("stream"),
        _text("position"),
        _time("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name="pk_cursors"),
    )
    op.create_table(
        "desk",
        _id(),
        _text("object"),
        _text("our_key"),
        _text("parent_id"),
        _text("body"),
        _number("revision"),
        _time("created_at", nullable=False),
        _time("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk"),
        sa.UniqueConstraint("object", "our_key", name="uq_desk_object"),
    )
    op.create_table(
        "ids",
        _word("name"),
        _time("last", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ids"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "jobs", _word("name"), _time("done_at", nullable=False), sa.PrimaryKeyConstraint("name", name="pk_jobs")
    )
    op.create_table(
        "leads",
        _id(),
        sa.Column("email", sa.Text(), nullable=True),
        _text("body"),
        _time("created_at", nullable=False),
        _time("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    _partial("ix_leads_email", "leads", ["email"], "email IS NOT NULL")
    op.create_table(
        "leases",
        _word("name"),
        _text("owner"),
        _number("epoch"),
        _time("until_at", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table("meta", _word("name"), _text("value"), sa.PrimaryKeyConstraint("name", name="pk_meta"))
    op.create_table(
        "runs",
        _id(),
        _text("kind"),
        _text("connection"),
        _time("started_at", nullable=False),
        _time("ended_at"),
        _text("result"),
        _text("counts"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "unmatched",
        _word("connection"),
        _word("event"),
        _number("events"),
        sa.PrimaryKeyConstraint("connection", "event", name="pk_unmatched"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "activities",
        _id(),
        _text("connection"),
        _text("source_id"),
        _text("person"),
        _reference("lead_id", nullable=True),
        _time("at", nullable=False),
        _text("kind"),
        _text("topic"),
        _text("asset"),
        _number("seconds"),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_activities_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
        sa.UniqueConstraint("connection", "source_id", name="uq_activities_connection"),
    )
    op.create_index("ix_activities_lead_id", "activities", ["lead_id", "at"])
    _partial("ix_activities_waiting", "activities", ["connection", "person"], "lead_id IS NULL")
    op.create_table(
        "activity_days",
        _reference("lead_id", nullable=False),
        _word("kind"),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        _number("events"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_activity_days_lead_id"),
        sa.PrimaryKeyConstraint("lead_id", "kind", "day", name="pk_activity_days"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "handoffs",
        _id(),
        _reference("lead_id", nullable=False),
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
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_handoffs_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
    )
    op.create_index("ix_handoffs_flow", "handoffs", ["flow", "state"])
    op.create_index("ix_handoffs_lead_id", "handoffs", ["lead_id"])
    _partial("uq_handoffs_current", "handoffs", ["lead_id", "stage"], "state <> 'closed'", unique=True)
    op.create_table(
        "links",
        _word("connection"),
        _word("object"),
        _word("external_id"),
        _reference("lead_id", nullable=False),
        sa.Column("digest", sa.BigInteger(), server_default="0", nullable=False),
        _text("origin"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_links_lead_id"),
        sa.PrimaryKeyConstraint("connection", "object", "external_id", name="pk_links"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_links_lead_id", "links", ["lead_id"])
    op.create_table(
        "outbox",
        _id(),
        _text("target"),
        _text("kind"),
        _text("object"),
        _text("our_key"),
        _text("key"),
        _number("revision"),
        _text("body"),
        _reference("lead_id", nullable=True),
        _text("field_group"),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        _text("after_key"),
        _text("parent"),
        _text("flow"),
        sa.Column("run_id", KEY, server_default="0", nullable=False),
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
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_outbox_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", "revision", name="uq_outbox_key"),
    )
    _partial("ix_outbox_lead_id", "outbox", ["lead_id"], "lead_id IS NOT NULL")
    _partial("ix_outbox_unfinished", "outbox", ["target", "state"], "state NOT IN ('done', 'superseded', 'dropped')")
    _partial("ix_outbox_waiting", "outbox", ["target", "lane", "id"], "state = 'waiting'")
    _partial(
        "uq_outbox_held",
        "outbox",
        ["target", "object", "our_key"],
        "state IN ('in_flight', 'unknown', 'parked')",
        unique=True,
    )
    _partial("uq_outbox_newest", "outbox", ["key"], "state = 'waiting' AND kind = 'state'", unique=True)
    op.create_table(
        "receipts",
        _word("target"),
        _word("object"),
        _word("our_key"),
        _text("crm_id"),
        _text("body"),
        _text("revision"),
        _reference("lead_id", nullable=True),
        _time("at"),
        _number("gone"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_receipts_lead_id"),
        sa.PrimaryKeyConstraint("target", "object", "our_key", name="pk_receipts"),
        sqlite_with_rowid=False,
    )
    _partial("ix_receipts_lead_id", "receipts", ["lead_id"], "lead_id IS NOT NULL")
    op.create_table(
        "reviews",
        _id(),
        _text("kind"),
        _text("key"),
        _text("place"),
        _text("reason"),
        _text("field"),
        _reference("lead_id", nullable=True),
        _text("connection"),
        _text("flow"),
        _text("body"),
        _number("seen"),
        _time("first_at", nullable=False),
        _time("last_at", nullable=False),
        _time("closed_at"),
        _text("closed_how"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_reviews_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    _partial("uq_reviews_open", "reviews", ["kind", "key"], "closed_at IS NULL", unique=True)
    op.create_table(
        "standings",
        _reference("lead_id", nullable=False),
        _text("stage"),
        _time("stage_since"),
        _text("flow"),
        _text("owner"),
        _number("total"),
        _text("grade"),
        _time("due_at"),
        sa.Column("score", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_standings_lead_id"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_standings"),
    )
    _partial("ix_standings_due_at", "standings", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "transitions",
        _id(),
        _reference("lead_id", nullable=False),
        _text("flow"),
        sa.Column("origin", sa.Text(), nullable=True),
        _text("stage"),
        _time("at", nullable=False),
        _text("moved_by"),
        _text("why"),
        _text("version"),
        _number("total"),
        _text("grade"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_transitions_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
    )
    op.create_index("ix_transitions_lead_id", "transitions", ["lead_id"])
    op.create_table(
        "turns",
        _id(),
        _reference("handoff_id", nullable=False),
        _text("team"),
        _text("email"),
        _time("at", nullable=False),
        _text("rule"),
        _number("given"),
        _text("weights"),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name="fk_turns_handoff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_team", "turns", ["team", "id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
