"""Applications to cohorts, the rubric that they are judged by, and what reviewers said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "selection_rubrics",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_selection_rubrics_cohort_id_cohorts")
        ),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_selection_rubrics")),
    )
    op.create_table(
        "cohort_applications",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("host_handle", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_handle", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("consent_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_cohort_applications_cohort_id_cohorts")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_cohort_applications_participant_id_participants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_applications")),
        sa.UniqueConstraint(
            "cohort_id", "host_handle", name=op.f("uq_cohort_applications_cohort_id_host_handle")
        ),
    )
    for columns in (("organization_id", "cohort_id"), ("sponsor_id", "id"), ("participant_id",)):
        op.create_index(f"ix_cohort_applications_{'_'.join(columns)}", "cohort_applications", list(columns))
    op.create_index(
        "ix_cohort_applications_to_unlink",
        "cohort_applications",
        ["cohort_id"],
        postgresql_where=sa.text("unlinked_at IS NULL"),
    )
    op.create_table(
        "selection_reviews",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer", sa.String(length=120), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scores", postgresql.JSONB(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["cohort_applications.id"],
            name=op.f("fk_selection_reviews_application_id_cohort_applications"),
        ),
        sa.PrimaryKeyConstraint("application_id", "reviewer", name=op.f("pk_selection_reviews")),
    )


def downgrade() -> None:
    for table in ("selection_reviews", "cohort_applications", "selection_rubrics"):
        op.drop_table(table)
