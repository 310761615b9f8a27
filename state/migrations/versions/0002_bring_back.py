"""What comes back from a CRM: what a row's parent is, whom a handoff went to and what became of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


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
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)


def downgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            # Said as SQL: a table that batch mode copies loses what its partial indexes are limited to.
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")
