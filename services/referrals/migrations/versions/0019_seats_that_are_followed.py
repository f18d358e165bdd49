"""Seats follow their workshops, and are taken up by a code at the door."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column(
        "workshop_seats",
        sa.Column("called_off", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("workshop_seats", sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("appointments", sa.Column("check_in_code", sa.String(length=8), nullable=True))
    op.create_index(
        "uq_appointments_check_in_code", "appointments", ["workshop_id", "check_in_code"], unique=True
    )
    op.create_table(
        "check_in_tries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "workshop_id", name=op.f("pk_check_in_tries")),
    )


def downgrade() -> None:
    op.drop_table("check_in_tries")
    op.drop_index("uq_appointments_check_in_code", "appointments")
    op.drop_column("appointments", "check_in_code")
    op.drop_column("workshop_seats", "followed_at")
    op.drop_column("workshop_seats", "called_off")
