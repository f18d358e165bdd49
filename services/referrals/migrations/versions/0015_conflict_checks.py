"""Conflict checks: what they are made with, what came of them, and how each provider has the names (R14)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "conflict_sets",
        sa.Column("referral_id", sa.Uuid(), sa.ForeignKey("referrals.id"), primary_key=True),
        sa.Column("client_id", sa.Uuid(), sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("names_sealed", sa.LargeBinary()),
        sa.Column(
            "tokens", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")
        ),
    )
    op.create_index("ix_conflict_sets_client_id", "conflict_sets", ["client_id"])
    op.create_table(
        "conflict_checks",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), sa.ForeignKey("referrals.id"), nullable=False),
        sa.Column("requested_by", sa.String(120), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(40)),
        sa.Column("concluded_by", sa.String(120)),
        sa.Column("concluded_at", sa.DateTime(timezone=True)),
        sa.Column("names_asked", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.create_index(
        "ix_conflict_checks_organization_id_referral_id",
        "conflict_checks",
        ["organization_id", "referral_id"],
    )
    op.create_index("ix_conflict_checks_referral_id", "conflict_checks", ["referral_id"])
    op.create_table(
        "conflict_settings",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("names", sa.String(40), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("conflict_settings")
    op.drop_table("conflict_checks")
    op.drop_table("conflict_sets")
