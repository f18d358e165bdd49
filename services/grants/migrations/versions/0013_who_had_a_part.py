"""Who acts for an organisation is found by its applications' histories, and whose an application to a cohort is by handle."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index(
        op.f("ix_application_events_organization_id_actor"),
        "application_events",
        ["organization_id", "actor"],
    )
    op.create_index(op.f("ix_cohort_applications_sponsor_handle"), "cohort_applications", ["sponsor_handle"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cohort_applications_sponsor_handle"), table_name="cohort_applications")
    op.drop_index(op.f("ix_application_events_organization_id_actor"), table_name="application_events")
