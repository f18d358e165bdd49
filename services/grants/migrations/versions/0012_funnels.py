"""What the network may read of a cohort that is over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "published_funnels",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_published_funnels_cohort_id_cohorts")
        ),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_published_funnels")),
    )


def downgrade() -> None:
    op.drop_table("published_funnels")
