"""How long people waited for the first contact, published with what they were referred for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("published_reports", sa.Column("waits", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("published_reports", "waits")
