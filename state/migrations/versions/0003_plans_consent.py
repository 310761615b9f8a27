"""Words about being contacted, what stood before a write, how far plans were applied, who was forgotten."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What going back loses, and how many of it there are.
LOST = (
    (N_("what people said about being contacted"), "SELECT count(*) FROM consents"),
    (N_("what stood before each write: no run can be taken back"), "SELECT count(*) FROM images"),
    (N_("how far plans were applied"), "SELECT count(*) FROM applied"),
    (N_("who was forgotten: they may come back with the next pull"), "SELECT count(*) FROM erased"),
)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _key(name: str = "id", *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=nullable, autoincrement=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _lead(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=f"fk_{table}_lead_id")


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    partial: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, columns, **partial)


def upgrade() -> None:
    op.create_table(
        "consents",
        _key(),
        _key("lead_id"),
        *map(_text, ("channel", "scope")),
        _number("given"),
        _time("at"),
        _number("certain"),
        *map(_text, ("source", "how", "evidence")),
        _time("recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        _lead("consents"),
        sa.UniqueConstraint("lead_id", "channel", "scope", "given", "source", "how", "at", name="uq_consents_lead_id"),
    )
    op.create_table(
        "images",
        _key(),
        _key("run_id"),
        *map(_text, ("target", "object", "our_key", "crm_id")),
        _key("lead_id", nullable=True),
        *map(_text, ("flow", "written", "before")),
        _number("created"),
        _time("at"),
        _time("undone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        _lead("images"),
    )
    _index("ix_images_run_id", "images", ["run_id", "id"])
    _index("ix_images_at", "images", ["at"])
    _index("ix_images_lead_id", "images", ["lead_id"], "lead_id IS NOT NULL")
    _index("ix_images_undone", "images", ["target", "object", "our_key"], "undone_at IS NOT NULL")
    op.create_table(
        "applied",
        _word("plan"),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        _text("outcome"),
        _time("at"),
        sa.PrimaryKeyConstraint("plan", "row", name="pk_applied"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erased",
        _word("digest"),
        _text("kind"),
        _time("at"),
        sa.PrimaryKeyConstraint("digest", name="pk_erased"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    # Who is out is put into the ledger again, once there is one.
    op.execute("DELETE FROM meta WHERE name = 'consent:begun'")
    for name in ("erased", "applied", "images", "consents"):
        op.drop_table(name)
