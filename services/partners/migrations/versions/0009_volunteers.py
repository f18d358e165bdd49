"""Shifts of workshops, requests for volunteers, and those who come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0009"
down_revision = "0008"


def _own(table: str) -> tuple[SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _references(table, "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _references(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "workshop_shifts",
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_own("workshop_shifts"),
        sa.CheckConstraint(
            "wanted > 0 AND filled >= 0 AND filled <= wanted",
            name=op.f("ck_workshop_shifts_not_overfilled"),
        ),
        _references("workshop_shifts", "workshop_id", "workshops"),
    )
    op.create_index(
        op.f("ix_workshop_shifts_organization_id_id"), "workshop_shifts", ["organization_id", "id"]
    )
    op.create_index(op.f("ix_workshop_shifts_workshop_id"), "workshop_shifts", ["workshop_id"])
    op.create_index(
        op.f("ix_workshop_shifts_starts_at_id"),
        "workshop_shifts",
        ["starts_at", "id"],
        postgresql_where=sa.text("filled < wanted"),
    )
    op.create_table(
        "volunteer_requests",
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("asked_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        *_own("volunteer_requests"),
        _references("volunteer_requests", "shift_id", "workshop_shifts"),
    )
    op.create_index(
        op.f("ix_volunteer_requests_organization_id_id"), "volunteer_requests", ["organization_id", "id"]
    )
    op.create_index(op.f("ix_volunteer_requests_asked_id_id"), "volunteer_requests", ["asked_id", "id"])
    op.create_index(
        "uq_volunteer_requests_open",
        "volunteer_requests",
        ["shift_id", "asked_id"],
        unique=True,
        postgresql_where=sa.text("state = 'ASKED'"),
    )
    op.create_table(
        "volunteers",
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        *_own("volunteers"),
        _references("volunteers", "shift_id", "workshop_shifts"),
        _references("volunteers", "request_id", "volunteer_requests"),
        _references("volunteers", "practitioner_id", "practitioners"),
    )
    op.create_index(op.f("ix_volunteers_organization_id_id"), "volunteers", ["organization_id", "id"])
    op.create_index(op.f("ix_volunteers_shift_id"), "volunteers", ["shift_id"])
    op.create_index(
        "uq_volunteers_coming",
        "volunteers",
        ["shift_id", "practitioner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'COMING'"),
    )


def downgrade() -> None:
    for table in ("volunteers", "volunteer_requests", "workshop_shifts"):
        op.drop_table(table)
