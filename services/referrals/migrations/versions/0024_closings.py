"""What came of workshops, in numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "workshop_closings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("county", sa.String(length=10), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=False),
        sa.Column("no_shows", sa.Integer(), nullable=False),
        sa.Column("walk_ins", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "workshop_id", name=op.f("pk_workshop_closings")),
    )
    op.create_index(
        op.f("ix_workshop_closings_organization_id_held_at"),
        "workshop_closings",
        ["organization_id", "held_at"],
    )
    op.create_index(op.f("ix_workshop_closings_held_at"), "workshop_closings", ["held_at"])
    op.create_table(
        "workshop_tallies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "workshop_id"],
            ["workshop_closings.organization_id", "workshop_closings.workshop_id"],
            name="fk_workshop_tallies_closing",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "workshop_id", "form", "line", name=op.f("pk_workshop_tallies")
        ),
    )


def downgrade() -> None:
    op.drop_table("workshop_tallies")
    op.drop_table("workshop_closings")
