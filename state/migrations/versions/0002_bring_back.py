"""What comes back from a CRM: its mirror, the budgets of calls, merged leads, what became of handoffs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEARCHED = ("our_key", "email", "phone", "domain", "account", "person")
#: New indexes on older tables: name, table, columns, condition.
INDEXES = (
    ("ix_outbox_done", "outbox", ["target", "object", "our_key"], "state = 'done' AND kind = 'state'"),
    ("ix_receipts_crm_id", "receipts", ["crm_id"], "crm_id <> ''"),
    ("ix_standings_merged", "standings", ["merged_into"], "merged_into <> 0"),
)
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What going back loses, and how many of it there are.
LOST = (
    (N_("records of CRMs in the mirror, which are read again"), "SELECT count(*) FROM mirror"),
    (N_("merges of leads: the lead merged away is a lead of its own again"),
     "SELECT count(*) FROM standings WHERE merged_into <> 0"),
    (N_("what sales said of handoffs: accepted, contacted, closed, reason, rating"),
     "SELECT count(*) FROM handoffs WHERE accepted_at IS NOT NULL OR contacted_at IS NOT NULL OR closed_at IS NOT NULL "
     "OR reason <> '' OR rating IS NOT NULL"),
    (N_("on which record of the CRM a handoff hangs"), "SELECT count(*) FROM handoffs WHERE record <> ''"),
)  # fmt: skip


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, kind: Any = None, default: str = "0") -> sa.Column[int]:
    return sa.Column(name, kind or sa.Integer(), server_default=default, nullable=False)


def _time(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _columns() -> dict[str, list[sa.Column[Any]]]:
    """New columns by table; made anew each time, since a column belongs to one table."""
    return {
        "outbox": [_text("parent_object", "lead")],
        "handoffs": [
            _text("target"),
            _text("record"),
            _time("accepted_at"),
            _time("contacted_at"),
            _time("closed_at"),
            _text("reason"),
            sa.Column("rating", sa.Integer(), nullable=True),
        ],
        "standings": [_number("merged_into", KEY)],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
    for index in INDEXES:
        _partial(*index)
    op.create_table(
        "mirror",
        _word("connection"),
        _word("object"),
        _word("external_id"),
        *map(_text, SEARCHED),
        _number("live", sa.SmallInteger(), "1"),
        _time("modified_at"),
        _text("modified_by"),
        _number("digest", sa.BigInteger()),
        _text("body"),
        _time("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("connection", "object", "external_id", name="pk_mirror"),
    )
    for name in SEARCHED:
        _partial(f"ix_mirror_{name}", "mirror", ["connection", name], f"{name} <> '' AND live = 1")
    _partial("ix_mirror_live", "mirror", ["connection", "object"], "live = 1")
    op.create_table(
        "budgets",
        _word("account"),
        _word("rate"),
        _number("used"),
        _number("calls"),
        _number("said"),
        _number("since", sa.BigInteger()),
        _number("length", sa.BigInteger()),
        _number("at", sa.BigInteger()),
        _time("parked_until"),
        sa.PrimaryKeyConstraint("account", "rate", name="pk_budgets"),
    )


def downgrade() -> None:
    # Or a CRM whose mirror is gone would be taken for one that was read.
    op.execute("DELETE FROM cursors WHERE stream LIKE 'read:%'")
    op.execute("DELETE FROM meta WHERE name LIKE 'read_in:%' OR name LIKE 'read_fields:%' OR name LIKE 'looked_up:%'")
    op.drop_table("budgets")
    op.drop_table("mirror")
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)
    for table, columns in _columns().items():
        for column in columns:
            # Said as SQL: a table that batch mode copies loses what its partial indexes are limited to.
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
