"""Whether it was the network that disabled a person or a client: what it disabled, no organisation enables again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("people", "oauth_clients")


def upgrade() -> None:
    op.execute(
        "SELECT set_config('vereda.scopes', 'system', true)"
    )  # row-level security is forced for us, too
    for table in _TABLES:
        op.add_column(
            table,
            sa.Column("disabled_by_network", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )
        # Until now there were operators only.
        op.execute(f"UPDATE {table} SET disabled_by_network = true WHERE disabled_at IS NOT NULL")  # noqa: S608


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "disabled_by_network")
