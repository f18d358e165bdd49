"""Which master a data key is wrapped by, and whether its leaf was cut out of the keyring."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MASTER_VERSION = (
    "CASE WHEN wrapped IS NULL THEN NULL WHEN octet_length(wrapped) < 64 THEN 0 ELSE (get_byte(wrapped, 0)::bigint << 24)"
    " + (get_byte(wrapped, 1) << 16) + (get_byte(wrapped, 2) << 8) + get_byte(wrapped, 3) END"
)


def upgrade() -> None:
    op.add_column(
        "data_keys",
        sa.Column("master_version", sa.BigInteger(), sa.Computed(_MASTER_VERSION, persisted=True)),
    )
    op.add_column("data_keys", sa.Column("shredded_at", sa.DateTime(timezone=True)))
    op.create_index("ix_data_keys_master_version", "data_keys", ["master_version"])
    op.create_index(
        "ix_data_keys_to_shred",
        "data_keys",
        ["destroyed_at"],
        postgresql_where=sa.text("wrapped IS NULL AND shredded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_data_keys_to_shred", "data_keys")
    op.drop_column("data_keys", "shredded_at")
    op.drop_column("data_keys", "master_version")
