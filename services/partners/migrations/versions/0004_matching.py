"""What matching needs: rules of eligibility, standings of services, unmet need."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "eligibility_rules",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_es", sa.Text(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("counties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_eligibility_rules_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_eligibility_rules_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_rules")),
    )
    op.create_index(
        op.f("ix_eligibility_rules_organization_id_service_id"),
        "eligibility_rules",
        ["organization_id", "service_id"],
    )
    op.create_index(
        op.f("ix_eligibility_rules_service_id_position"), "eligibility_rules", ["service_id", "position"]
    )
    op.create_table(
        "service_standings",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_rate", sa.Float(), nullable=True),
        sa.Column("above_share", sa.Boolean(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_service_standings_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_standings_service_id_services")
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service_standings")),
    )
    op.create_index(
        op.f("ix_service_standings_organization_id_service_id"),
        "service_standings",
        ["organization_id", "service_id"],
    )
    op.create_table(
        "unmet_needs",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("county_fips", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_unmet_needs_count")),
        sa.PrimaryKeyConstraint("month", "county_fips", "kind", name=op.f("pk_unmet_needs")),
    )


def downgrade() -> None:
    op.drop_table("unmet_needs")
    op.drop_table("service_standings")
    op.drop_table("eligibility_rules")
