"""What an imported record says beyond the directory's own columns, kept so that an export gives it back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

_SOURCED = (
    "organizations",
    "programs",
    "locations",
    "addresses",
    "services",
    "services_at_locations",
    "contacts",
    "phones",
    "schedules",
    "service_areas",
    "language_offers",
    "taxonomy_terms",
)


def upgrade() -> None:
    for table in _SOURCED:
        op.add_column(
            table, sa.Column("source_fields", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
        )


def downgrade() -> None:
    for table in _SOURCED:
        op.drop_column(table, "source_fields")
