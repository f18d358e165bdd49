"""The feed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "feed_queue",
        sa.Column("event_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("event_sequence", name=op.f("pk_feed_queue")),
    )
    op.create_table(
        "feed_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("numbered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "place", name=op.f("pk_feed_entries")),
    )
    op.create_index("ix_feed_entries_numbered_at", "feed_entries", ["numbered_at"], unique=False)
    op.create_table(
        "feed_heads",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_feed_heads")),
    )

    # Readers find their events by their places, and nobody else looks for any.
    op.drop_index("ix_outbox_events_audience", table_name="outbox_events")
    op.drop_index("ix_outbox_events_organization_id_sequence", table_name="outbox_events")


def downgrade() -> None:
    op.create_index(
        "ix_outbox_events_organization_id_sequence", "outbox_events", ["organization_id", "sequence"]
    )
    op.create_index("ix_outbox_events_audience", "outbox_events", ["audience"], postgresql_using="gin")
    op.drop_table("feed_heads")
    op.drop_index("ix_feed_entries_numbered_at", table_name="feed_entries")
    op.drop_table("feed_entries")
    op.drop_table("feed_queue")
