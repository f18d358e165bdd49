"""When each part of a record was last changed, and what is known of a taxonomy beside its terms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_PARTS = (
    "addresses",
    "contacts",
    "language_offers",
    "phones",
    "schedules",
    "service_areas",
    "services_at_locations",
)


def upgrade() -> None:
    for table in _PARTS:
        op.add_column(
            table,
            sa.Column(
                "updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
            ),
        )
    op.create_index(op.f("ix_services_updated_at_id"), "services", ["updated_at", "id"])
    op.create_table(
        "taxonomies",
        sa.Column("scheme", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("source_fields", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomies")),
        sa.UniqueConstraint("scheme", name=op.f("uq_taxonomies_scheme")),
    )
