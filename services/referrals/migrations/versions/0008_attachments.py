"""Documents that go with a referral."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column(
            "data_class",
            sa.Enum(
                "IDENTITY",
                "CONTACT",
                "LANGUAGE",
                "NEED",
                "SERVICE_DETAIL",
                "OUTCOME",
                "PROGRAM",
                "FINANCIAL",
                "HEALTH",
                "SUD_PART2",
                "LEGAL_PRIVILEGED",
                "SURVIVOR",
                name="dataclass",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("PDF", "PNG", "JPEG", "TEXT", name="attachmentkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "RECEIVING",
                "QUARANTINED",
                "READY",
                "REFUSED",
                name="attachmentstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "scan",
            sa.Enum(
                "PENDING",
                "CLEAN",
                "NOT_SCANNED",
                "INFECTED",
                "NOT_SCANNABLE",
                name="attachmentscan",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_attachments_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(
        op.f("ix_attachments_organization_id_referral_id"),
        "attachments",
        ["organization_id", "referral_id"],
        unique=False,
    )
    op.create_index(op.f("ix_attachments_referral_id_id"), "attachments", ["referral_id", "id"], unique=False)
    op.create_index(op.f("ix_attachments_state_id"), "attachments", ["state", "id"], unique=False)
    op.create_table(
        "attachment_parts",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_attachment_parts_attachment_id_attachments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_parts")),
    )


def downgrade() -> None:
    op.drop_table("attachment_parts")
    op.drop_index(op.f("ix_attachments_state_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_referral_id_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_organization_id_referral_id"), table_name="attachments")
    op.drop_table("attachments")
