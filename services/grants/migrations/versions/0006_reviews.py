"""Blind review: rubrics of programs, and reviews of applications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "rubric_criteria",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_es", sa.Text(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("maximum > 0 AND weight > 0", name=op.f("ck_rubric_criteria_points")),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["funding_programs.id"],
            name=op.f("fk_rubric_criteria_program_id_funding_programs"),
        ),
        sa.PrimaryKeyConstraint("program_id", "number", name=op.f("pk_rubric_criteria")),
    )
    op.create_table(
        "grant_reviews",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer", sa.String(length=120), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ASSIGNED", "SUBMITTED", "RECUSED", name="reviewstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("scores", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'SUBMITTED') = (scores IS NOT NULL)", name=op.f("ck_grant_reviews_scored")
        ),
        sa.CheckConstraint("seat BETWEEN 1 AND 2", name=op.f("ck_grant_reviews_seat")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["grant_applications.id"],
            name=op.f("fk_grant_reviews_application_id_grant_applications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_reviews")),
    )
    op.create_index(
        op.f("ix_grant_reviews_organization_id_reviewer_id"),
        "grant_reviews",
        ["organization_id", "reviewer", "id"],
        unique=False,
    )
    op.create_index(
        "uq_grant_reviews_application_id_reviewer",
        "grant_reviews",
        ["application_id", "reviewer"],
        unique=True,
    )
    op.create_index(
        "uq_grant_reviews_application_id_seat",
        "grant_reviews",
        ["application_id", "seat"],
        unique=True,
        postgresql_where=sa.text("state <> 'RECUSED'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_grant_reviews_application_id_seat",
        table_name="grant_reviews",
        postgresql_where=sa.text("state <> 'RECUSED'"),
    )
    op.drop_index("uq_grant_reviews_application_id_reviewer", table_name="grant_reviews")
    op.drop_index(op.f("ix_grant_reviews_organization_id_reviewer_id"), table_name="grant_reviews")
    op.drop_table("grant_reviews")
    op.drop_table("rubric_criteria")
