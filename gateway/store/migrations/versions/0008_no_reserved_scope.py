"""No client can be given the scope of the authorization server itself, which now works in the role of requests."""

from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "oauth_clients"


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_oauth_clients_no_reserved_scope"),
        _TABLE,
        "NOT ('system' = ANY (scopes) OR 'authorization-server' = ANY (scopes))",
    )
    op.drop_constraint(op.f("ck_oauth_clients_no_system_scope"), _TABLE, type_="check")


def downgrade() -> None:
    op.create_check_constraint(
        op.f("ck_oauth_clients_no_system_scope"), _TABLE, "NOT 'system' = ANY (scopes)"
    )
    op.drop_constraint(op.f("ck_oauth_clients_no_reserved_scope"), _TABLE, type_="check")
