"""Sources of money, what draws on them, sub-awards and what is owed for them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "funding_sources",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("pass_through_percent", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("granted_cents", sa.BigInteger(), nullable=False),
        sa.Column("other_cents", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_funding_sources_dates")),
        sa.CheckConstraint(
            "granted_cents >= 0 AND other_cents >= 0 AND granted_cents + other_cents <= total_cents",
            name=op.f("ck_funding_sources_total"),
        ),
        sa.CheckConstraint(
            "other_cents * 100 <= total_cents * (100 - pass_through_percent)",
            name=op.f("ck_funding_sources_pass_through"),
        ),
        sa.CheckConstraint(
            "total_cents > 0 AND pass_through_percent BETWEEN 0 AND 100",
            name=op.f("ck_funding_sources_amount"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_sources")),
    )
    op.create_index(
        op.f("ix_funding_sources_organization_id_id"),
        "funding_sources",
        ["organization_id", "id"],
        unique=False,
    )
    op.create_table(
        "sub_awards",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("amendments", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_sub_awards_amount")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_sub_awards_dates")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["funding_sources.id"], name=op.f("fk_sub_awards_source_id_funding_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sub_awards")),
    )
    op.create_index(
        op.f("ix_sub_awards_organization_id_id"), "sub_awards", ["organization_id", "id"], unique=False
    )
    op.create_index(op.f("ix_sub_awards_recipient_id_id"), "sub_awards", ["recipient_id", "id"], unique=False)
    op.create_table(
        "deliverables",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("sub_award_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("DUE", "SUBMITTED", "ACCEPTED", name="deliverablestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sub_award_id"], ["sub_awards.id"], name=op.f("fk_deliverables_sub_award_id_sub_awards")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverables")),
    )
    op.create_index(
        op.f("ix_deliverables_organization_id_due_on"),
        "deliverables",
        ["organization_id", "due_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliverables_recipient_id_due_on"), "deliverables", ["recipient_id", "due_on"], unique=False
    )
    op.create_index(op.f("ix_deliverables_sub_award_id"), "deliverables", ["sub_award_id"], unique=False)
    op.create_table(
        "source_draws",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_source_draws_amount")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["funding_rounds.id"], name=op.f("fk_source_draws_round_id_funding_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["funding_sources.id"], name=op.f("fk_source_draws_source_id_funding_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_draws")),
    )
    op.create_index(op.f("ix_source_draws_round_id"), "source_draws", ["round_id"], unique=False)
    op.create_index(op.f("ix_source_draws_source_id"), "source_draws", ["source_id"], unique=False)
    op.create_table(
        "sub_award_amendments",
        sa.Column("sub_award_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_sub_award_amendments_amount")),
        sa.ForeignKeyConstraint(
            ["sub_award_id"], ["sub_awards.id"], name=op.f("fk_sub_award_amendments_sub_award_id_sub_awards")
        ),
        sa.PrimaryKeyConstraint("sub_award_id", "number", name=op.f("pk_sub_award_amendments")),
    )


def downgrade() -> None:
    op.drop_table("sub_award_amendments")
    op.drop_index(op.f("ix_source_draws_source_id"), table_name="source_draws")
    op.drop_index(op.f("ix_source_draws_round_id"), table_name="source_draws")
    op.drop_table("source_draws")
    op.drop_index(op.f("ix_deliverables_sub_award_id"), table_name="deliverables")
    op.drop_index(op.f("ix_deliverables_recipient_id_due_on"), table_name="deliverables")
    op.drop_index(op.f("ix_deliverables_organization_id_due_on"), table_name="deliverables")
    op.drop_table("deliverables")
    op.drop_index(op.f("ix_sub_awards_recipient_id_id"), table_name="sub_awards")
    op.drop_index(op.f("ix_sub_awards_organization_id_id"), table_name="sub_awards")
    op.drop_table("sub_awards")
    op.drop_index(op.f("ix_funding_sources_organization_id_id"), table_name="funding_sources")
    op.drop_table("funding_sources")
