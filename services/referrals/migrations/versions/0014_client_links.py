"""An index of possible duplicates, and links between records of one person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "clients",
        sa.Column(
            "match_index", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")
        ),
    )
    op.create_index("ix_clients_match_index", "clients", ["match_index"], postgresql_using="gin")
    op.create_index(
        "ix_clients_to_index",
        "clients",
        ["id"],
        postgresql_where=sa.text("match_index = '{}' AND erased_at IS NULL"),
    )
    op.create_table(
        "client_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("linked_by", sa.String(length=120), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unlinked_by", sa.String(length=120), nullable=True),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("one_id <= other_id", name=op.f("ck_client_links_ordered")),
        sa.ForeignKeyConstraint(["one_id"], ["clients.id"], name=op.f("fk_client_links_one_id_clients")),
        sa.ForeignKeyConstraint(["other_id"], ["clients.id"], name=op.f("fk_client_links_other_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_links")),
    )
    op.create_index("ix_client_links_organization_id_id", "client_links", ["organization_id", "id"])
    op.create_index("ix_client_links_other_id", "client_links", ["other_id"])
    op.create_index(
        "uq_client_links_in_force",
        "client_links",
        ["one_id", "other_id"],
        unique=True,
        postgresql_where=sa.text("unlinked_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("client_links")
    op.drop_index("ix_clients_to_index", "clients")
    op.drop_column("clients", "match_index")
