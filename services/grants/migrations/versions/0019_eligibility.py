"""What applicants say they meet, by version: the first of each program is the sentence that it had."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "eligibility_questionnaires",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("statements", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["funding_programs.id"],
            name=op.f("fk_eligibility_questionnaires_program_id_funding_programs"),
        ),
        sa.PrimaryKeyConstraint("program_id", "version", name=op.f("pk_eligibility_questionnaires")),
    )
    op.execute(
        "INSERT INTO eligibility_questionnaires (program_id, version, organization_id, statements, published_at)"
        " SELECT id, attestation_version, organization_id,"
        " jsonb_build_array(jsonb_build_object('code', 'RULE', 'text', attestation, 'text_es', NULL)), created_at"
        " FROM funding_programs"
    )


def downgrade() -> None:
    op.drop_table("eligibility_questionnaires")
