"""That somebody completed a course; not who."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_certificates_cohort_id_cohorts")
        ),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_certificates")),
    )
    op.create_index(
        op.f("ix_certificates_organization_id_cohort_id"), "certificates", ["organization_id", "cohort_id"]
    )


def downgrade() -> None:
    op.drop_table("certificates")
