"""Awards, what is paid and accounted for of them, and the ledger; what was approved before has its award and entries."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "funding_tranches",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("receipts_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "percent BETWEEN 1 AND 100 AND receipts_percent BETWEEN 0 AND 100",
            name=op.f("ck_funding_tranches_percent"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["funding_programs.id"],
            name=op.f("fk_funding_tranches_program_id_funding_programs"),
        ),
        sa.PrimaryKeyConstraint("program_id", "number", name=op.f("pk_funding_tranches")),
    )
    op.create_table(
        "awards",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("participant_handle", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("disbursed_cents", sa.BigInteger(), nullable=False),
        sa.Column("receipted_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_cents", sa.BigInteger(), nullable=False),
        sa.Column("released_cents", sa.BigInteger(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_awards_amount")),
        sa.CheckConstraint(
            "receipted_cents >= 0 AND returned_cents >= 0 AND receipted_cents + returned_cents <= disbursed_cents",
            name=op.f("ck_awards_accounted"),
        ),
        sa.CheckConstraint(
            "released_cents >= 0 AND disbursed_cents + released_cents <= amount_cents",
            name=op.f("ck_awards_disbursed"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["grant_applications.id"],
            name=op.f("fk_awards_application_id_grant_applications"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["funding_rounds.id"], name=op.f("fk_awards_round_id_funding_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
        sa.UniqueConstraint("application_id", name=op.f("uq_awards_application_id")),
    )
    op.create_index(op.f("ix_awards_organization_id_id"), "awards", ["organization_id", "id"], unique=False)
    op.create_index(op.f("ix_awards_recipient_id_id"), "awards", ["recipient_id", "id"], unique=False)
    op.create_index(
        "uq_awards_round_id_participant_handle",
        "awards",
        ["round_id", "participant_handle"],
        unique=True,
        postgresql_where=sa.text("released_cents < amount_cents"),
    )
    op.create_table(
        "award_returns",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_reference", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_award_returns_amount")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_returns_award_id_awards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_returns")),
    )
    op.create_index(op.f("ix_award_returns_award_id"), "award_returns", ["award_id"], unique=False)
    op.create_table(
        "disbursements",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_reference", sa.String(length=40), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_disbursements_amount")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_disbursements_award_id_awards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursements")),
        sa.UniqueConstraint("award_id", "number", name=op.f("uq_disbursements_award_id_number")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "ROUND_OPENED",
                "AWARDED",
                "DISBURSED",
                "RECEIPT_ACCEPTED",
                "RETURNED",
                "RELEASED",
                name="entrykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "debit",
            sa.Enum(
                "FUNDS",
                "BUDGET",
                "COMMITTED",
                "ADVANCED",
                "SPENT",
                name="account",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "credit",
            sa.Enum(
                "FUNDS",
                "BUDGET",
                "COMMITTED",
                "ADVANCED",
                "SPENT",
                name="account",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("debit <> credit AND amount_cents > 0", name=op.f("ck_ledger_entries_balanced")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_ledger_entries_award_id_awards")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["funding_rounds.id"], name=op.f("fk_ledger_entries_round_id_funding_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_award_id"), "ledger_entries", ["award_id"], unique=False)
    op.create_index(
        op.f("ix_ledger_entries_organization_id_round_id"),
        "ledger_entries",
        ["organization_id", "round_id"],
        unique=False,
    )
    op.create_table(
        "receipts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("funder_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "spent_for",
            sa.Enum(
                "EQUIPMENT",
                "SUPPLIES",
                "LICENSES_AND_FEES",
                "RENT",
                "MARKETING",
                "PROFESSIONAL_SERVICES",
                "OTHER",
                name="spending",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("RECORDED", "ACCEPTED", "REFUSED", name="receiptstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_receipts_amount")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_receipts_award_id_awards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_award_id"), "receipts", ["award_id"], unique=False)
    # As the system, because policies hold for the owner too.
    op.execute("SELECT set_config('vereda.scopes', 'system', true)")
    op.execute(
        "INSERT INTO funding_tranches (program_id, number, organization_id, percent, receipts_percent)"
        " SELECT id, 1, organization_id, 100, 0 FROM funding_programs"
    )
    op.execute(
        "INSERT INTO awards (id, organization_id, recipient_id, application_id, round_id, participant_handle, amount_cents,"
        " disbursed_cents, receipted_cents, returned_cents, released_cents, awarded_at)"
        " SELECT gen_random_uuid(), funder_id, organization_id, id, round_id, funder_handle, awarded_cents, 0, 0, 0, 0,"
        " coalesce(decided_at, updated_at) FROM grant_applications WHERE awarded_cents > 0"
    )
    for rows in (
        "r.organization_id, NULL::uuid, r.id, NULL::uuid, 'ROUND_OPENED', 'BUDGET', 'FUNDS', r.budget_cents, r.created_at"
        " FROM funding_rounds r WHERE r.budget_cents > 0",
        "a.organization_id, a.recipient_id, a.round_id, a.id, 'AWARDED', 'COMMITTED', 'BUDGET', a.amount_cents, a.awarded_at"
        " FROM awards a",
    ):
        op.execute(
            "INSERT INTO ledger_entries (id, organization_id, recipient_id, round_id, award_id, kind, debit, credit,"
            f" amount_cents, occurred_at) SELECT gen_random_uuid(), {rows}"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_receipts_award_id"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_ledger_entries_organization_id_round_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_award_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_table("disbursements")
    op.drop_index(op.f("ix_award_returns_award_id"), table_name="award_returns")
    op.drop_table("award_returns")
    op.drop_index(
        "uq_awards_round_id_participant_handle",
        table_name="awards",
        postgresql_where=sa.text("released_cents < amount_cents"),
    )
    op.drop_index(op.f("ix_awards_recipient_id_id"), table_name="awards")
    op.drop_index(op.f("ix_awards_organization_id_id"), table_name="awards")
    op.drop_table("awards")
    op.drop_table("funding_tranches")
