"""Messages between the two sides of a referral, and who has read them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_messages_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_expires_at"), "messages", ["expires_at"], unique=False)
    op.create_index(
        op.f("ix_messages_organization_id_referral_id"),
        "messages",
        ["organization_id", "referral_id"],
        unique=False,
    )
    op.create_index(op.f("ix_messages_referral_id_id"), "messages", ["referral_id", "id"], unique=False)
    op.create_table(
        "message_reads",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_message_reads_message_id_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "message_id", name=op.f("pk_message_reads")),
    )
    op.create_index(op.f("ix_message_reads_message_id"), "message_reads", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_message_reads_message_id"), table_name="message_reads")
    op.drop_table("message_reads")
    op.drop_index(op.f("ix_messages_referral_id_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_organization_id_referral_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_expires_at"), table_name="messages")
    op.drop_table("messages")
