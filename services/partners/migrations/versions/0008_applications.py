"""Applications for recognition and accreditation, their checklists, reminders, extension offices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

_OF_ORGANIZATION = ("organization_id", "organizations")


def _references(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.add_column(
        "recognitions",
        sa.Column("extension_offices", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )
    op.create_table(
        "ra_applications",
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("recognition_id", sa.Uuid(), nullable=True),
        sa.Column("accreditation_id", sa.Uuid(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("served_uscis_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _references("ra_applications", *_OF_ORGANIZATION),
        _references("ra_applications", "practitioner_id", "practitioners"),
        _references("ra_applications", "location_id", "locations"),
        _references("ra_applications", "recognition_id", "recognitions"),
        _references("ra_applications", "accreditation_id", "accreditations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ra_applications")),
    )
    op.create_index(
        op.f("ix_ra_applications_organization_id_id"), "ra_applications", ["organization_id", "id"]
    )
    op.create_index(
        "ix_ra_applications_one_open",
        "ra_applications",
        ["organization_id", "purpose", "practitioner_id", "location_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("stage IN ('PREPARING', 'READY', 'FILED', 'PENDING')"),
    )
    op.create_table(
        "ra_checklist_items",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _references("ra_checklist_items", "application_id", "ra_applications"),
        _references("ra_checklist_items", *_OF_ORGANIZATION),
        sa.PrimaryKeyConstraint("application_id", "item", name=op.f("pk_ra_checklist_items")),
    )
    op.create_index(op.f("ix_ra_checklist_items_organization_id"), "ra_checklist_items", ["organization_id"])
    op.create_table(
        "credential_reminders",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _references("credential_reminders", *_OF_ORGANIZATION),
        sa.PrimaryKeyConstraint(
            "credential_id", "expires_on", "months", name=op.f("pk_credential_reminders")
        ),
    )
    op.create_index(
        op.f("ix_credential_reminders_organization_id"), "credential_reminders", ["organization_id"]
    )


def downgrade() -> None:
    for table in ("credential_reminders", "ra_checklist_items", "ra_applications"):
        op.drop_table(table)
    op.drop_column("recognitions", "extension_offices")
