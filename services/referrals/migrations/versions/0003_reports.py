"""Numbers without people: tallies, and what the network published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "published_reports",
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_reports")),
        sa.UniqueConstraint("measure", "period", name=op.f("uq_published_reports_measure_period")),
    )
    op.create_table(
        "tally_reports",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("submitted_by", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_reports")),
        sa.UniqueConstraint(
            "organization_id", "form", "period", name=op.f("uq_tally_reports_organization_id_form_period")
        ),
    )
    op.create_index(op.f("ix_tally_reports_form_period"), "tally_reports", ["form", "period"], unique=False)
    op.create_table(
        "tally_lines",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("county", sa.String(length=10), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["tally_reports.id"], name=op.f("fk_tally_lines_report_id_tally_reports")
        ),
        sa.PrimaryKeyConstraint("report_id", "line", "county", name=op.f("pk_tally_lines")),
    )
    op.create_index(
        op.f("ix_tally_lines_organization_id_report_id"),
        "tally_lines",
        ["organization_id", "report_id"],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_sent_at"), "referrals", ["sent_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_referrals_sent_at"), table_name="referrals")
    op.drop_index(op.f("ix_tally_lines_organization_id_report_id"), table_name="tally_lines")
    op.drop_table("tally_lines")
    op.drop_index(op.f("ix_tally_reports_form_period"), table_name="tally_reports")
    op.drop_table("tally_reports")
    op.drop_table("published_reports")
