"""Authorization requests that applications pushed (RFC 9126)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pushed_requests",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth_clients.client_id"],
            name=op.f("fk_pushed_requests_client_id_oauth_clients"),
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_requests")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_pushed_requests_expires_at"), "pushed_requests", ["expires_at"])


def downgrade() -> None:
    op.drop_table("pushed_requests")
