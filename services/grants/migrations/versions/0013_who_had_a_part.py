"""Who acts for an organisation is found by its applications' histories."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index(
        op.f("ix_application_events_organization_id_actor"),
        "application_events",
        ["organization_id", "actor"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_application_events_organization_id_actor"), table_name="application_events")
