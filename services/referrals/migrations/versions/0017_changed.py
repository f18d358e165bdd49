"""When something last happened to a referral that its side was told of: what a system that polls asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("referrals", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    # Of what is older the sender was surely told these; anything later could be what the client kept to the recipient.
    op.execute("UPDATE referrals SET told_at = coalesce(ended_at, sent_at, created_at)")
    op.create_index(op.f("ix_referrals_sender_id_told_at_id"), "referrals", ["sender_id", "told_at", "id"])
    op.create_index(
        op.f("ix_referrals_recipient_id_updated_at_id"), "referrals", ["recipient_id", "updated_at", "id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_referrals_recipient_id_updated_at_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_sender_id_told_at_id"), table_name="referrals")
    op.drop_column("referrals", "told_at")
