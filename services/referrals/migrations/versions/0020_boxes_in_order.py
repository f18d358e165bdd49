"""Inbox and outbox by what is due and by what changed last, of each state and of all."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_CHANGED = {"sender_id": "told_at", "recipient_id": "updated_at"}


def upgrade() -> None:
    for side, changed in _CHANGED.items():
        op.create_index(
            op.f(f"ix_referrals_{side}_state_{changed}_id"), "referrals", [side, "state", changed, "id"]
        )
        op.drop_index(op.f(f"ix_referrals_{side}_{changed}_id"), table_name="referrals")
        op.create_index(
            op.f(f"ix_referrals_{side}_due_at_id"),
            "referrals",
            [side, "due_at", "id"],
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )


def downgrade() -> None:
    for side, changed in _CHANGED.items():
        op.drop_index(op.f(f"ix_referrals_{side}_due_at_id"), table_name="referrals")
        op.create_index(op.f(f"ix_referrals_{side}_{changed}_id"), "referrals", [side, changed, "id"])
        op.drop_index(op.f(f"ix_referrals_{side}_state_{changed}_id"), table_name="referrals")
