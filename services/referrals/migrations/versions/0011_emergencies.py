"""Breaking the glass, and its reviews (R29)."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "emergency_accesses",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("opened_by", sa.String(120), nullable=False),
        sa.Column("danger", sa.String(40), nullable=False),
        sa.Column("statement_sealed", sa.LargeBinary()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_told_at", sa.DateTime(timezone=True)),
        sa.Column("overdue_told_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_emergency_accesses_organization_id_id", "emergency_accesses", ["organization_id", "id"]
    )
    op.create_index("ix_emergency_accesses_client_id", "emergency_accesses", ["client_id"])
    op.create_table(
        "emergency_reviews",
        sa.Column("access_id", sa.Uuid(), sa.ForeignKey("emergency_accesses.id"), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("reviewer", sa.String(120), nullable=False),
        sa.Column("justified", sa.Boolean(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("emergency_reviews")
    op.drop_table("emergency_accesses")
