"""Who is who: leads that are alike, what was decided about them, and their companies."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What going back loses, and how many of it there are.
LOST = (
    (N_("what was decided about leads that may be one person"), "SELECT count(*) FROM pairs WHERE decided_at > 0"),
    (
        N_("what leads were before they were made one: no such joining can be taken back"),
        "SELECT count(*) FROM joinings",
    ),
)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=False, autoincrement=False)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    partial: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, columns, **partial)


def upgrade() -> None:
    _keys()
    _decisions()
    _companies()
    op.execute("INSERT INTO to_match (lead_id) SELECT lead_id FROM standings WHERE merged_into = 0")


def _keys() -> None:
    op.create_table(
        "lead_keys",
        _big("key"),
        _key("lead_id"),
        sa.PrimaryKeyConstraint("key", "lead_id", name="pk_lead_keys"),
        _to("lead_keys", "lead_id", "leads"),
        sqlite_with_rowid=False,
    )
    _index("ix_lead_keys_lead_id", "lead_keys", ["lead_id"])
    op.create_table(
        "to_match",
        _key("lead_id"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_to_match"),
        _to("to_match", "lead_id", "leads"),
    )
    op.create_table(
        "record_keys",
        _word("connection"),
        _big("key"),
        _word("object"),
        _word("external_id"),
        sa.PrimaryKeyConstraint("connection", "key", "object", "external_id", name="pk_record_keys"),
        sqlite_with_rowid=False,
    )
    _index("ix_record_keys_record", "record_keys", ["connection", "object", "external_id"])


def _decisions() -> None:
    op.create_table(
        "pairs",
        _key(),
        _key("lead_id"),
        _key("other_id"),
        _number("points"),
        *map(_text, ("band", "findings", "state", "note", "decided_by")),
        _time("first_at"),
        _time("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pairs"),
        _to("pairs", "lead_id", "leads"),
        _to("pairs", "other_id", "leads"),
        sa.UniqueConstraint("lead_id", "other_id", name="uq_pairs_lead_id"),
    )
    _index("ix_pairs_other_id", "pairs", ["other_id"])
    _index("ix_pairs_open", "pairs", ["id"], "state = 'open'")
    op.create_table(
        "joinings",
        _key(),
        _key("lead_id"),
        _key("loser_id"),
        *map(_text, ("how", "made_by")),
        _time("at"),
        _text("before"),
        _time("undone_at", nullable=True),
        _text("undone_by"),
        sa.PrimaryKeyConstraint("id", name="pk_joinings"),
        _to("joinings", "lead_id", "leads"),
        _to("joinings", "loser_id", "leads"),
    )
    _index("ix_joinings_lead_id", "joinings", ["lead_id"])
    _index("ix_joinings_loser_id", "joinings", ["loser_id"])


def _companies() -> None:
    op.create_table(
        "companies",
        _key(),
        *map(_text, ("domain", "body")),
        *map(_number, ("total", "people")),
        _text("made_of"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
    )
    op.create_table(
        "company_keys",
        _big("key"),
        _key("company_id"),
        sa.PrimaryKeyConstraint("key", "company_id", name="pk_company_keys"),
        _to("company_keys", "company_id", "companies"),
        sqlite_with_rowid=False,
    )
    _index("ix_company_keys_company_id", "company_keys", ["company_id"])
    op.create_table(
        "company_people",
        _key("lead_id"),
        _key("company_id"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_company_people"),
        _to("company_people", "lead_id", "leads"),
        _to("company_people", "company_id", "companies"),
    )
    _index("ix_company_people_company_id", "company_people", ["company_id", "lead_id"])


def downgrade() -> None:
    # Keys of what the mirror holds are made anew; joinings that are gone ask for nothing.
    op.execute("DELETE FROM meta WHERE name LIKE 'record_keys:%' OR name LIKE 'to_merge:%'")
    for name in (
        "company_people", "company_keys", "companies", "joinings", "pairs", "record_keys", "to_match", "lead_keys",
    ):  # fmt: skip
        op.drop_table(name)
