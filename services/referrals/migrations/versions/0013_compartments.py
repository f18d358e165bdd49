"""Compartments: public keys of organisations, and the notes that are sealed to them (R15)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "compartment_keys",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("thumbprint", sa.String(64), primary_key=True),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.String(120), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "privileged_notes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("referral_id", sa.Uuid(), sa.ForeignKey("referrals.id"), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("thumbprint", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_privileged_notes_organization_id_referral_id_id",
        "privileged_notes",
        ["organization_id", "referral_id", "id"],
    )
    op.create_index("ix_privileged_notes_client_id", "privileged_notes", ["client_id"])


def downgrade() -> None:
    op.drop_table("privileged_notes")
    op.drop_table("compartment_keys")
