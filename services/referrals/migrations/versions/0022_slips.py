"""Slips on paper: codes by which a recipient finds a referral that was sent to it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "referral_slips",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_slips_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_slips")),
        sa.UniqueConstraint(
            "recipient_id", "code_index", name=op.f("uq_referral_slips_recipient_id_code_index")
        ),
    )
    op.create_index(
        op.f("ix_referral_slips_organization_id_referral_id"),
        "referral_slips",
        ["organization_id", "referral_id"],
    )
    op.create_index(op.f("ix_referral_slips_referral_id"), "referral_slips", ["referral_id"])
    op.create_index(op.f("ix_referral_slips_expires_at"), "referral_slips", ["expires_at"])
    op.create_table(
        "slip_tries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_slip_tries")),
    )


def downgrade() -> None:
    op.drop_table("slip_tries")
    op.drop_table("referral_slips")
