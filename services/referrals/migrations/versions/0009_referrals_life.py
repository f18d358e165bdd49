"""Drafts without a recipient, open offers, clocks, tasks, appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "holidays",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "published_bookings",
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_published_bookings")),
    )
    op.create_table(
        "response_limits",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledge_business_days", sa.Integer(), nullable=True),
        sa.Column("respond_business_days", sa.Integer(), nullable=True),
        sa.Column("contact_business_days", sa.Integer(), nullable=True),
        sa.Column("information_business_days", sa.Integer(), nullable=True),
        sa.Column("expire_business_days", sa.Integer(), nullable=True),
        sa.Column("urgent_business_hours", sa.Integer(), nullable=True),
        sa.Column("heartbeat_days", sa.Integer(), nullable=True),
        sa.Column("revalidate_days", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "service_id", name=op.f("pk_response_limits")),
    )
    op.create_table(
        "workshop_seats",
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= seats", name=op.f("ck_workshop_seats_not_oversold")),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_workshop_seats")),
    )
    op.create_index(
        op.f("ix_workshop_seats_organization_id_workshop_id"),
        "workshop_seats",
        ["organization_id", "workshop_id"],
        unique=False,
    )
    op.create_table(
        "appointments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("IN_PERSON", "PHONE", "VIDEO", name="appointmentmode", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("interpreter_language", sa.String(length=3), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "PROPOSED",
                "BOOKED",
                "CHECKED_IN",
                "NO_SHOW",
                "CANCELLED",
                name="appointmentstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "proposed_by",
            sa.Enum(
                "SENDER",
                "RECIPIENT",
                "CANDIDATE",
                "CLIENT",
                "SYSTEM",
                "COORDINATOR",
                name="party",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seats_stated", sa.Integer(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_appointments_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(
        op.f("ix_appointments_organization_id_starts_at"),
        "appointments",
        ["organization_id", "starts_at"],
        unique=False,
    )
    op.create_index(op.f("ix_appointments_referral_id"), "appointments", ["referral_id"], unique=False)
    op.create_index(
        op.f("ix_appointments_sender_id_starts_at"), "appointments", ["sender_id", "starts_at"], unique=False
    )
    op.create_index(
        op.f("ix_appointments_workshop_id"),
        "appointments",
        ["workshop_id"],
        unique=False,
        postgresql_where=sa.text("workshop_id IS NOT NULL"),
    )
    op.create_table(
        "escalations",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=80), nullable=True),
        sa.Column(
            "urgency",
            sa.Enum("ROUTINE", "SOON", "URGENT", name="urgency", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "AWAITING_CONSENT",
                "SENT",
                "CONFLICT_CHECK",
                "IN_REVIEW",
                "INFO_REQUESTED",
                "REDIRECT_OFFERED",
                "ACCEPTED",
                "WAITLISTED",
                "SCHEDULED",
                "IN_SERVICE",
                "ON_HOLD",
                "COMPLETED",
                "NOT_COMPLETED",
                "UNREACHABLE",
                "DECLINED",
                "CANCELLED",
                "EXPIRED",
                "REDIRECTED",
                "REVOKED",
                "VOID",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_escalations_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index(
        op.f("ix_escalations_id"),
        "escalations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_escalations_referral_id"), "escalations", ["referral_id"], unique=False)
    op.create_table(
        "referral_offers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=120), nullable=False),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("survivor", sa.Boolean(), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum("ROUTINE", "SOON", "URGENT", name="urgency", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("available", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "OFFERED", "PASSED", "CLAIMED", "WITHDRAWN", name="offerstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_offers_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_offers")),
        sa.UniqueConstraint(
            "referral_id", "organization_id", name=op.f("uq_referral_offers_referral_id_organization_id")
        ),
    )
    op.create_index(
        op.f("ix_referral_offers_organization_id_state_id"),
        "referral_offers",
        ["organization_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "tasks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "REMATCH",
                "RESOLVE_DISPUTE",
                "AGREE_REOPENING",
                "PROMOTE",
                "REVALIDATE",
                "CONFIRM_OUTCOME",
                name="taskkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_tasks_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_organization_id_id"), "tasks", ["organization_id", "id"], unique=False)
    op.create_index(op.f("ix_tasks_referral_id"), "tasks", ["referral_id"], unique=False)
    op.create_index(
        "uq_tasks_open",
        "tasks",
        ["organization_id", "referral_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.add_column(
        "referrals",
        sa.Column(
            "sub_state",
            sa.Enum("BOOKED", "UNATTENDED", "TO_BE_REBOOKED", name="substate", native_enum=False, length=40),
            nullable=True,
        ),
    )
    op.add_column("referrals", sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("waitlisted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("waiting_place", sa.Integer(), nullable=True))
    op.add_column("referrals", sa.Column("reopening_agreed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("resume_on", sa.Date(), nullable=True))
    op.add_column("referrals", sa.Column("consent_reading_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("interpreter_language", sa.String(length=3), nullable=True))
    op.add_column("referrals", sa.Column("suggested_organization_id", sa.Uuid(), nullable=True))
    op.add_column("referrals", sa.Column("suggested_service_id", sa.Uuid(), nullable=True))
    op.add_column("referrals", sa.Column("clock_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "referrals", sa.Column("clock_rung", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("referrals", sa.Column("bell_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("held_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referrals", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("referrals", "consent_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column("referrals", "recipient_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column("referrals", "service_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column("referrals", "domain", existing_type=sa.VARCHAR(length=80), nullable=True)
    op.alter_column("referrals", "category", existing_type=sa.VARCHAR(length=120), nullable=True)
    op.create_index(
        op.f("ix_referrals_bell_at"),
        "referrals",
        ["bell_at"],
        unique=False,
        postgresql_where=sa.text("bell_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_referrals_parent_id"),
        "referrals",
        ["parent_id"],
        unique=False,
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )

    # What is under way gets a clock that begins now: nobody is reminded at once of what was not counted before.
    op.execute("SELECT set_config('vereda.scopes', 'system', true)")
    op.execute(
        "UPDATE referrals SET clock_from = now(), bell_at = now() + interval '1 day'"
        " WHERE ended_at IS NULL AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')"
    )
    op.execute("UPDATE referrals SET sub_state = 'BOOKED' WHERE state = 'SCHEDULED'")
    op.execute("UPDATE referrals SET waitlisted_at = updated_at WHERE state = 'WAITLISTED'")


def downgrade() -> None:
    op.drop_index(
        op.f("ix_referrals_parent_id"),
        table_name="referrals",
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("ix_referrals_bell_at"), table_name="referrals", postgresql_where=sa.text("bell_at IS NOT NULL")
    )
    op.alter_column("referrals", "category", existing_type=sa.VARCHAR(length=120), nullable=False)
    op.alter_column("referrals", "domain", existing_type=sa.VARCHAR(length=80), nullable=False)
    op.alter_column("referrals", "service_id", existing_type=sa.UUID(), nullable=False)
    op.alter_column("referrals", "recipient_id", existing_type=sa.UUID(), nullable=False)
    op.alter_column("referrals", "consent_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("referrals", "held_at")
    op.drop_column("referrals", "held_from")
    op.drop_column("referrals", "bell_at")
    op.drop_column("referrals", "clock_rung")
    op.drop_column("referrals", "clock_from")
    op.drop_column("referrals", "suggested_service_id")
    op.drop_column("referrals", "suggested_organization_id")
    op.drop_column("referrals", "interpreter_language")
    op.drop_column("referrals", "consent_reading_at")
    op.drop_column("referrals", "resume_on")
    op.drop_column("referrals", "reopening_agreed_at")
    op.drop_column("referrals", "waiting_place")
    op.drop_column("referrals", "waitlisted_at")
    op.drop_column("referrals", "first_contact_at")
    op.drop_column("referrals", "sub_state")
    op.drop_index("uq_tasks_open", table_name="tasks", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index(op.f("ix_tasks_referral_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_organization_id_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_referral_offers_organization_id_state_id"), table_name="referral_offers")
    op.drop_table("referral_offers")
    op.drop_index(op.f("ix_escalations_referral_id"), table_name="escalations")
    op.drop_index(
        op.f("ix_escalations_id"), table_name="escalations", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("escalations")
    op.drop_index(
        op.f("ix_appointments_workshop_id"),
        table_name="appointments",
        postgresql_where=sa.text("workshop_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_appointments_sender_id_starts_at"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_referral_id"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_organization_id_starts_at"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_index(op.f("ix_workshop_seats_organization_id_workshop_id"), table_name="workshop_seats")
    op.drop_table("workshop_seats")
    op.drop_table("response_limits")
    op.drop_table("published_bookings")
    op.drop_table("holidays")
