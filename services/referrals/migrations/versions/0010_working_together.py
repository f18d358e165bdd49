"""Whose work a referral is, hand-offs in person, and who comes with a client."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "household_members",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "PARTNER",
                "CHILD",
                "PARENT",
                "SIBLING",
                "GRANDPARENT",
                "GRANDCHILD",
                "OTHER_RELATIVE",
                "NOT_RELATED",
                name="relation",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "age_band",
            sa.Enum(
                "UNDER_18",
                "FROM_18_TO_25",
                "FROM_26_TO_40",
                "FROM_41_TO_64",
                "FROM_65",
                name="ageband",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_household_members_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_members")),
    )
    op.create_index(
        op.f("ix_household_members_client_id_id"), "household_members", ["client_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_household_members_organization_id_client_id"),
        "household_members",
        ["organization_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "assignments",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("assignee", sa.Uuid(), nullable=False),
        sa.Column("assigned_by", sa.String(length=120), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_assignments_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("organization_id", "referral_id", name=op.f("pk_assignments")),
    )
    op.create_index(
        op.f("ix_assignments_organization_id_assignee_referral_id"),
        "assignments",
        ["organization_id", "assignee", "referral_id"],
        unique=False,
    )
    op.create_index(op.f("ix_assignments_referral_id"), "assignments", ["referral_id"], unique=False)
    op.create_table(
        "hand_offs",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "IN_PERSON",
                "PHONE",
                "VIDEO",
                "ACCOMPANIED",
                name="handoffchannel",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arranged_for", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender_worker", sa.Uuid(), nullable=True),
        sa.Column("sender_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recipient_worker", sa.Uuid(), nullable=True),
        sa.Column("recipient_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("arranged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_hand_offs_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_offs")),
    )
    op.create_index(
        op.f("ix_hand_offs_organization_id_referral_id"),
        "hand_offs",
        ["organization_id", "referral_id"],
        unique=False,
    )
    op.create_index(op.f("ix_hand_offs_referral_id_id"), "hand_offs", ["referral_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_hand_offs_referral_id_id"), table_name="hand_offs")
    op.drop_index(op.f("ix_hand_offs_organization_id_referral_id"), table_name="hand_offs")
    op.drop_table("hand_offs")
    op.drop_index(op.f("ix_assignments_referral_id"), table_name="assignments")
    op.drop_index(op.f("ix_assignments_organization_id_assignee_referral_id"), table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_household_members_organization_id_client_id"), table_name="household_members")
    op.drop_index(op.f("ix_household_members_client_id_id"), table_name="household_members")
    op.drop_table("household_members")
