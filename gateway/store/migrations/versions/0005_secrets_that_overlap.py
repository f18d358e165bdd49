"""Secrets that overlap, when a person was authenticated, which token another was exchanged for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oauth_clients", sa.Column("previous_secret_hash", sa.Text(), nullable=True))
    op.add_column(
        "oauth_clients", sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_oauth_clients_previous_secret_ends"),
        "oauth_clients",
        "(previous_secret_hash IS NULL) = (previous_secret_until IS NULL)",
    )
    op.add_column("token_families", sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_token_families_created_at"), "token_families", ["created_at"], unique=False)
    op.add_column("access_tokens", sa.Column("exchanged_from", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_access_tokens_exchanged_from"), "access_tokens", ["exchanged_from"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_access_tokens_exchanged_from"), table_name="access_tokens")
    op.drop_column("access_tokens", "exchanged_from")
    op.drop_index(op.f("ix_token_families_created_at"), table_name="token_families")
    op.drop_column("token_families", "authenticated_at")
    op.drop_constraint(op.f("ck_oauth_clients_previous_secret_ends"), "oauth_clients", type_="check")
    op.drop_column("oauth_clients", "previous_secret_until")
    op.drop_column("oauth_clients", "previous_secret_hash")
