"""What follows a handoff: its clocks, what happened to it, who is away, what was told, what was agreed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What going back loses, and how many of it there are.
LOST = (
    (N_("what happened to handoffs: reminders, breaches, touches"), "SELECT count(*) FROM handoff_events"),
    (N_("when people are away"), "SELECT count(*) FROM absences"),
    (N_("what was agreed in meetings"), "SELECT count(*) FROM agreements"),
)
TIMES = ("accept_due_at", "review_due_at", "next_at", "back_at", "acted_at")
ON_THE_WAY = "(stage = 'mql' OR stage = 'sal' OR stage = 'sql' OR stage = 'opportunity' OR stage = 'won')"
OPENED = "opened_at IS NOT NULL"
TEXTS = ("reviewer", "words", "roster")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=False, autoincrement=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    partial: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, columns, **partial)


def upgrade() -> None:
    _handoffs()
    _people()
    _told_and_agreed()
    _funnel()


def _handoffs() -> None:
    for name in TIMES:
        op.add_column("handoffs", _time(name, nullable=True))
    op.add_column("handoffs", sa.Column("worked", sa.Integer(), nullable=True))
    for name in TEXTS:
        op.add_column("handoffs", _text(name))
    op.add_column("handoffs", sa.Column("previous_id", KEY, server_default="0", nullable=False))
    _index("ix_handoffs_next_at", "handoffs", ["next_at"], "next_at IS NOT NULL")
    op.create_table(
        "handoff_events",
        _key(),
        _key("handoff_id"),
        *map(_text, ("key", "kind")),
        _time("at"),
        _time("noted_at"),
        *map(_text, ("who", "body")),
        sa.PrimaryKeyConstraint("id", name="pk_handoff_events"),
        _to("handoff_events", "handoff_id", "handoffs"),
        sa.UniqueConstraint("handoff_id", "key", name="uq_handoff_events_handoff_id"),
    )
    _index("ix_handoff_events_noted_at", "handoff_events", ["noted_at"])


def _people() -> None:
    op.create_table(
        "absences",
        _key(),
        _text("email"),
        _time("from_at"),
        _time("until_at", nullable=True),
        *map(_text, ("deputy", "note", "made_by")),
        _time("recorded_at"),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    _index("ix_absences_email", "absences", ["email"])
    op.create_table(
        "rosters", _word("version"), _text("body"), _time("at"), sa.PrimaryKeyConstraint("version", name="pk_rosters")
    )


def _told_and_agreed() -> None:
    op.create_table(
        "notice_states",
        _word("key"),
        *map(_text, ("kind", "state")),
        _time("since"),
        _time("told_at", nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("key", name="pk_notice_states"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "packs",
        _word("kind"),
        _word("period"),
        _time("made_at"),
        _time("sent_at", nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("kind", "period", name="pk_packs"),
    )
    op.create_table(
        "meetings",
        _key(),
        *map(_text, ("kind", "period")),
        _time("at"),
        *map(_text, ("made_by", "body")),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
    )
    op.create_table(
        "agreements",
        _key(),
        _key("meeting_id"),
        *map(_text, ("kind", "text", "owner", "due_on", "state")),
        _time("closed_at", nullable=True),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name="pk_agreements"),
        _to("agreements", "meeting_id", "meetings"),
    )
    _index("ix_agreements_meeting_id", "agreements", ["meeting_id"])


def _funnel() -> None:
    _index("ix_transitions_way", "transitions", ["lead_id", "flow", "stage", "at"], ON_THE_WAY)
    _index("ix_handoffs_answered", "handoffs", ["lead_id", "flow", "opened_at", "contacted_at"], OPENED)


def downgrade() -> None:
    # Clocks are wound anew, once there are any.
    op.execute("DELETE FROM meta WHERE name = 'clocks:config'")
    op.drop_index("ix_transitions_way", "transitions")
    op.drop_index("ix_handoffs_answered", "handoffs")
    for name in ("agreements", "meetings", "packs", "notice_states", "rosters", "absences", "handoff_events"):
        op.drop_table(name)
    op.drop_index("ix_handoffs_next_at", "handoffs")
    with op.batch_alter_table("handoffs") as handoffs:
        for name in (*TIMES, "worked", *TEXTS, "previous_id"):
            handoffs.drop_column(name)
