"""Since when a seat or an application leads to nobody any more."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table, parent in (("participants", "cohort_id"), ("grant_applications", "round_id")):
        op.add_column(table, sa.Column("unlinked_at", sa.DateTime(timezone=True)))
        op.create_index(
            f"ix_{table}_to_unlink", table, [parent], postgresql_where=sa.text("unlinked_at IS NULL")
        )


def downgrade() -> None:
    for table in ("participants", "grant_applications"):
        op.drop_index(f"ix_{table}_to_unlink", table)
        op.drop_column(table, "unlinked_at")
