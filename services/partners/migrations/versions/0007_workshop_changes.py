"""Why a workshop was called off, and what is to be seen to before it can be announced."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("workshops", sa.Column("cancel_reason", sa.Text(), nullable=True))
    op.add_column("workshops", sa.Column("task", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("workshops", "task")
    op.drop_column("workshops", "cancel_reason")
