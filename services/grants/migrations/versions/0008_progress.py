"""What comes of a training: help at one's side, milestones, a venture."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _of_participant(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_participant_id_participants")
    return sa.ForeignKeyConstraint(["participant_id"], ["participants.id"], name=name)


def upgrade() -> None:
    op.add_column(
        "cohorts",
        sa.Column("plan_required", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    )
    op.add_column("participants", sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "assistance_contacts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("advisor", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_assistance_contacts_length")),
        _of_participant("assistance_contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_contacts")),
    )
    op.create_index("ix_assistance_contacts_participant_id", "assistance_contacts", ["participant_id"])
    op.create_index(
        "ix_assistance_contacts_organization_id_advisor",
        "assistance_contacts",
        ["organization_id", "advisor"],
    )
    op.create_table(
        "milestones",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.String(length=40), nullable=True),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _of_participant("milestones"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint(
            "participant_id",
            "kind",
            "stage",
            "occurred_on",
            name=op.f("uq_milestones_participant_id_kind_stage_occurred_on"),
        ),
    )
    op.create_index("ix_milestones_organization_id_id", "milestones", ["organization_id", "id"])
    op.create_table(
        "ventures",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("county_fips", sa.String(length=5), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("jobs >= 0", name=op.f("ck_ventures_jobs")),
        _of_participant("ventures"),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_ventures")),
    )


def downgrade() -> None:
    for table in ("ventures", "milestones", "assistance_contacts"):
        op.drop_table(table)
    op.drop_column("participants", "completed_at")
    op.drop_column("cohorts", "plan_required")
