"""Erasures, legal holds and legal demands; what a hold has sealed, and what was kept long enough."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_MASTER_VERSION = (
    "CASE WHEN wrapped IS NULL THEN NULL WHEN octet_length(wrapped) < 64 THEN 0 ELSE (get_byte(wrapped, 0)::bigint << 24)"
    " + (get_byte(wrapped, 1) << 16) + (get_byte(wrapped, 2) << 8) + get_byte(wrapped, 3) END"
)


def _code(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=40), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _by(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=120), nullable=nullable)


def _client(table: str) -> tuple[sa.Column[UUID], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f(f"fk_{table}_client_id_clients"))
    return sa.Column("client_id", sa.Uuid(), nullable=False), key


def _id(table: str) -> tuple[sa.Column[UUID], sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.add_column("clients", _at("erased_at", nullable=True))
    op.add_column("data_keys", _at("sealed_at", nullable=True))
    op.add_column("referrals", _at("forgotten_at", nullable=True))
    op.create_index(
        "ix_referrals_to_forget", "referrals", ["ended_at"], postgresql_where=sa.text("forgotten_at IS NULL")
    )
    op.create_index(
        "ix_clients_to_erase", "clients", ["created_at"], postgresql_where=sa.text("erased_at IS NULL")
    )
    op.create_index("ix_appointments_ends_at", "appointments", ["ends_at"])
    op.create_index(
        "ix_data_keys_sealed", "data_keys", ["client_id"], postgresql_where=sa.text("sealed_at IS NOT NULL")
    )
    op.create_table(
        "erasures",
        *_id("erasures"),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        *_client("erasures"),
        _code("basis"),
        _by("asked_by"),
        _at("asked_at"),
        _at("done_at", nullable=True),
    )
    op.create_index("ix_erasures_client_id", "erasures", ["client_id"], unique=True)
    op.create_index("ix_erasures_organization_id_client_id", "erasures", ["organization_id", "client_id"])
    op.create_index("ix_erasures_held", "erasures", ["asked_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "legal_demands",
        *_id("legal_demands"),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _code("kind"),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("clients", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("particulars_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("master_version", sa.BigInteger(), sa.Computed(_MASTER_VERSION, persisted=True)),
        _code("state"),
        _by("recorded_by"),
        _at("recorded_at"),
        _by("first_approved_by", nullable=True),
        _code("first_approved_part", nullable=True),
        _by("approved_by", nullable=True),
        _code("approved_part", nullable=True),
        _by("refused_by", nullable=True),
        _at("decided_at", nullable=True),
        _at("exported_at", nullable=True),
        sa.CheckConstraint(
            "approved_by <> first_approved_by AND approved_part <> first_approved_part",
            name=op.f("ck_legal_demands_two_approve"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('ADMINISTRATIVE_WARRANT', 'INFORMAL') OR first_approved_by IS NULL",
            name=op.f("ck_legal_demands_approvable"),
        ),
        sa.CheckConstraint(
            "state <> 'APPROVED' OR (first_approved_by IS NOT NULL AND approved_by IS NOT NULL)",
            name=op.f("ck_legal_demands_approved"),
        ),
    )
    op.create_index("ix_legal_demands_organization_id_id", "legal_demands", ["organization_id", "id"])
    op.create_index("ix_legal_demands_master_version", "legal_demands", ["master_version"])
    op.create_table(
        "legal_holds",
        *_id("legal_holds"),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        *_client("legal_holds"),
        _code("reason"),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        _by("proposed_by"),
        _code("proposed_part"),
        _at("proposed_at"),
        _by("placed_by", nullable=True),
        _code("placed_part", nullable=True),
        _at("placed_at", nullable=True),
        _by("lift_proposed_by", nullable=True),
        _code("lift_proposed_part", nullable=True),
        _at("lift_proposed_at", nullable=True),
        _by("lifted_by", nullable=True),
        _code("lifted_part", nullable=True),
        _at("lifted_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["legal_demands.id"], name=op.f("fk_legal_holds_demand_id_legal_demands")
        ),
        sa.CheckConstraint(
            "placed_by <> proposed_by AND placed_part <> proposed_part", name=op.f("ck_legal_holds_two_place")
        ),
        sa.CheckConstraint(
            "lifted_by <> lift_proposed_by AND lifted_part <> lift_proposed_part",
            name=op.f("ck_legal_holds_two_lift"),
        ),
        sa.CheckConstraint("(placed_at IS NULL) = (placed_by IS NULL)", name=op.f("ck_legal_holds_placed")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)"
            " AND (lifted_at IS NULL OR (placed_at IS NOT NULL AND lift_proposed_by IS NOT NULL))",
            name=op.f("ck_legal_holds_lifted"),
        ),
    )
    op.create_index("ix_legal_holds_organization_id_id", "legal_holds", ["organization_id", "id"])
    op.create_index("ix_legal_holds_client_id", "legal_holds", ["client_id"])
    op.create_table(
        "held_rows",
        *_id("held_rows"),
        *_client("held_rows"),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        _at("held_at"),
    )
    op.create_index("ix_held_rows_client_id", "held_rows", ["client_id"])


def downgrade() -> None:
    for table in ("held_rows", "legal_holds", "legal_demands", "erasures"):
        op.drop_table(table)
    op.drop_index("ix_appointments_ends_at", "appointments")
    op.drop_index("ix_clients_to_erase", "clients")
    op.drop_index("ix_referrals_to_forget", "referrals")
    op.drop_column("referrals", "forgotten_at")
    op.drop_index("ix_data_keys_sealed", "data_keys")
    op.drop_column("data_keys", "sealed_at")
    op.drop_column("clients", "erased_at")
