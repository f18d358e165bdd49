"""Since when people and credentials are there, who confirmed them, and the populations they are counted against."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_CREDENTIALS = ("recognitions", "accreditations")


def upgrade() -> None:
    op.add_column("practitioners", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("practitioners", "version", server_default=None)
    op.add_column("practitioners", sa.Column("started_on", sa.Date(), nullable=True))
    op.add_column("practitioners", sa.Column("ended_on", sa.Date(), nullable=True))
    for table in _CREDENTIALS:
        op.add_column(table, sa.Column("ended_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("confirmed_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("confirmed_by", sa.String(length=40), nullable=True))
    op.create_table(
        "population_figures",
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("immigrants", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_population_figures")),
    )


def downgrade() -> None:
    op.drop_table("population_figures")
    for table in _CREDENTIALS:
        for column in ("confirmed_by", "confirmed_on", "ended_on"):
            op.drop_column(table, column)
    for column in ("ended_on", "started_on", "version"):
        op.drop_column("practitioners", column)
