"""Money paid and receipted, and ventures by county, published with a year's grants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for column in ("money", "ventures"):
        op.add_column("published_grants", sa.Column(column, postgresql.JSONB(), nullable=True))
    op.add_column("published_grants", sa.Column("currency", sa.String(length=3), nullable=True))


def downgrade() -> None:
    for column in ("currency", "ventures", "money"):
        op.drop_column("published_grants", column)
