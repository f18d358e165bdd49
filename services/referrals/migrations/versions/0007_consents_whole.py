"""What a consent says, whole: for which kinds of help, who was there, what it replaces; scripts; who wrote a referral."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "consents", sa.Column("service_domains", ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    for name in ("one_referral", "partial"):
        op.add_column("consents", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("consents", sa.Column("supersedes", sa.Uuid()))
    op.create_foreign_key("fk_consents_supersedes_consents", "consents", "consents", ["supersedes"], ["id"])
    op.add_column("consents", sa.Column("presences_sealed", sa.LargeBinary()))
    op.add_column("consents", sa.Column("revoked_how", sa.String(40)))
    op.create_table(
        "consent_scripts",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("language", sa.String(3), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("audio_reference", sa.String(500)),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "organization_id",
            "version",
            "language",
            name="uq_consent_scripts_organization_id_version_language",
        ),
    )
    op.create_index("ix_consent_scripts_language_id", "consent_scripts", ["language", "id"])
    op.create_table(
        "destruction_confirmations",
        sa.Column("consent_id", sa.Uuid(), sa.ForeignKey("consents.id"), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("confirmed_by", sa.String(120), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("referrals", sa.Column("author", sa.String(120)))
    # Who made the first event wrote the referral. As the system, because policies hold for the owner too.
    op.execute("SELECT set_config('vereda.scopes', 'system', true)")
    op.execute(
        "UPDATE referrals SET author = actor FROM referral_events WHERE referral_id = referrals.id AND sequence = 1"
    )
    op.execute("SELECT set_config('vereda.scopes', '', true)")


def downgrade() -> None:
    op.drop_column("referrals", "author")
    op.drop_table("destruction_confirmations")
    op.drop_table("consent_scripts")
    for name in (
        "revoked_how",
        "presences_sealed",
        "supersedes",
        "partial",
        "one_referral",
        "service_domains",
    ):
        op.drop_column("consents", name)
