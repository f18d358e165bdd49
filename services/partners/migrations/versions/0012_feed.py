"""Each organisation's feed of what happened."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


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
    op.execute(
        "ALTER TABLE outbox_events NO FORCE ROW LEVEL SECURITY"
    )  # its owner, too, sees a tenant's rows alone
    # Who made it happen was told, whether or not the audience names them; from now on it does.
    op.execute(
        "UPDATE outbox_events SET audience = audience || organization_id WHERE organization_id <> ALL (audience)"
    )
    # What has been told so far gets its places like everything from now on.
    op.execute("INSERT INTO feed_queue (event_sequence) SELECT sequence FROM outbox_events")
    op.execute("ALTER TABLE outbox_events FORCE ROW LEVEL SECURITY")

    # Readers find their events by their places, and nobody else looks for any.
    op.drop_index("ix_outbox_events_audience", table_name="outbox_events")
    op.drop_index("ix_outbox_events_organization_id_sequence", table_name="outbox_events")


def downgrade() -> None:
    op.create_index(
        "ix_outbox_events_organization_id_sequence", "outbox_events", ["organization_id", "sequence"]
    )
    op.create_index("ix_outbox_events_audience", "outbox_events", ["audience"], postgresql_using="gin")
    op.execute("DROP TRIGGER IF EXISTS feed_queues ON outbox_events")
    op.drop_table("feed_heads")
    op.drop_index("ix_feed_entries_numbered_at", table_name="feed_entries")
    op.drop_table("feed_entries")
    op.drop_table("feed_queue")
