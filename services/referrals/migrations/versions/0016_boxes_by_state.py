"""Inbox and outbox by state, without reading the rest of them."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for side in ("sender_id", "recipient_id"):
        op.create_index(op.f(f"ix_referrals_{side}_state_id"), "referrals", [side, "state", "id"])


def downgrade() -> None:
    for side in ("sender_id", "recipient_id"):
        op.drop_index(op.f(f"ix_referrals_{side}_state_id"), table_name="referrals")
