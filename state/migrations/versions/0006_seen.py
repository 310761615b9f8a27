"""Who sees the desk and what was done there, goals as they were, criteria that wait, the ways of leads."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAY = ("mql", "sal", "sql", "opportunity", "won")
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What going back loses, and how many of it there are.
LOST = (
    (N_("people who may sign in to the desk"), "SELECT count(*) FROM users"),
    (N_("what was done on the desk, by whom"), "SELECT count(*) FROM audit"),
    (N_("goals as they were before they were changed"), "SELECT count(*) FROM goal_versions"),
    (N_("criteria that wait to be accepted"), "SELECT count(*) FROM criteria_waiting"),
)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _key(name: str = "id", *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=nullable, autoincrement=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    partial: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, columns, **partial)


def upgrade() -> None:
    _desk()
    _in_order()
    _criteria()
    _ways()
    _answered("worked")


def _desk() -> None:
    op.create_table(
        "users",
        _word("email"),
        *map(_text, ("name", "roles", "password", "language")),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        _time("created_at"),
        _time("last_at", nullable=True),
        _time("disabled_at", nullable=True),
        sa.PrimaryKeyConstraint("email", name="pk_users"),
        sqlite_with_rowid=False,
    )
    op.create_table("attempts", _key(), _text("key"), _time("at"), sa.PrimaryKeyConstraint("id", name="pk_attempts"))
    _index("ix_attempts_key", "attempts", ["key", "at"])
    op.create_table(
        "audit",
        _key(),
        _time("at"),
        *map(_text, ("who", "role", "action")),
        _key("lead_id", nullable=True),
        _key("handoff_id", nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_audit_lead_id"),
    )
    _index("ix_audit_at", "audit", ["at"])
    _index("ix_audit_lead_id", "audit", ["lead_id"], "lead_id IS NOT NULL")


def _in_order() -> None:
    """What changed on the desk is read in its order; who has what in hand is asked by owner."""
    op.add_column("desk", sa.Column("seq", KEY, server_default="0", nullable=False))
    op.execute("UPDATE desk SET seq = id")
    _index("ix_desk_seq", "desk", ["object", "seq"])
    _index("ix_handoffs_owner", "handoffs", ["owner"], "state = 'open'")


def _criteria() -> None:
    op.create_table(
        "goal_versions",
        _key(),
        _text("goal"),
        _time("at"),
        _text("body"),
        sa.PrimaryKeyConstraint("id", name="pk_goal_versions"),
    )
    _index("ix_goal_versions_goal", "goal_versions", ["goal", "at"])
    op.create_table(
        "criteria_waiting",
        _word("flow"),
        *map(_text, ("version", "before")),
        _time("since"),
        _text("body"),
        sa.PrimaryKeyConstraint("flow", name="pk_criteria_waiting"),
        sqlite_with_rowid=False,
    )


def _ways() -> None:
    """When each lead first came to each stage, as the moves say."""
    op.create_table(
        "ways",
        _key("lead_id"),
        _word("flow"),
        *(_time(stage, nullable=True) for stage in WAY),
        _text("version"),
        sa.PrimaryKeyConstraint("lead_id", "flow", name="pk_ways"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_ways_lead_id"),
        sqlite_with_rowid=False,
    )
    firsts = ", ".join(f"min(CASE WHEN stage = '{stage}' THEN at END) AS {stage}" for stage in WAY)
    stages = " OR ".join(f"stage = '{stage}'" for stage in WAY)
    op.execute(
        f"INSERT INTO ways (lead_id, flow, {', '.join(WAY)}, version) "  # noqa: S608 - of constants
        f"SELECT lead_id, flow, {', '.join(WAY)}, coalesce((SELECT version FROM transitions AS one "
        "WHERE one.lead_id = way.lead_id AND one.flow = way.flow AND one.stage = 'mql' "
        "ORDER BY one.at, one.id LIMIT 1), '') FROM "
        f"(SELECT lead_id, flow, {firsts} FROM transitions WHERE ({stages}) GROUP BY lead_id, flow) AS way"
    )


def _answered(*more: str) -> None:
    """All that a funnel asks of handoffs stands in their index."""
    op.drop_index("ix_handoffs_answered", "handoffs")
    columns = ["lead_id", "flow", "opened_at", "contacted_at", *more]
    _index("ix_handoffs_answered", "handoffs", columns, "opened_at IS NOT NULL")


def downgrade() -> None:
    _answered()
    op.drop_table("ways")
    op.drop_index("ix_handoffs_owner", "handoffs")
    op.drop_index("ix_desk_seq", "desk")
    op.drop_column("desk", "seq")
    for table in ("criteria_waiting", "goal_versions", "audit", "attempts", "users"):
        op.drop_table(table)
