"""People and their sessions, codes, token families, refresh tokens; what guards share."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), server_default="en", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("external_issuer", sa.String(length=500), nullable=True),
        sa.Column("external_subject", sa.String(length=255), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(
        op.f("ix_people_external_issuer_external_subject"),
        "people",
        ["external_issuer", "external_subject"],
        unique=True,
    )
    op.create_index("uq_people_email", "people", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "rate_buckets",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("left", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_buckets")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_rate_buckets_updated_at"), "rate_buckets", ["updated_at"], unique=False)
    op.create_table(
        "security_events",
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    op.create_index(
        op.f("ix_security_events_organization_id_occurred_at"),
        "security_events",
        ["organization_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_security_events_subject_occurred_at"),
        "security_events",
        ["subject", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "seen_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_seen_tokens")),
    )
    op.create_index(op.f("ix_seen_tokens_expires_at"), "seen_tokens", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_last_at"), "sign_in_failures", ["last_at"], unique=False)
    op.create_table(
        "client_grants",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_clients.client_id"], name=op.f("fk_client_grants_client_id_oauth_clients")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_client_grants_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "organization_id", "client_id", name=op.f("pk_client_grants")),
    )
    op.create_index(
        op.f("ix_client_grants_organization_id_client_id"),
        "client_grants",
        ["organization_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id_people")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_expires_at"), "invitations", ["expires_at"], unique=False)
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "case_worker",
                "supervisor",
                "organization_administrator",
                "network_coordinator",
                "auditor",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "organization_id", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_organization_id_person_id"),
        "memberships",
        ["organization_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people")),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("factors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(
        op.f("ix_sessions_organization_id_person_id"),
        "sessions",
        ["organization_id", "person_id"],
        unique=False,
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "token_families",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_clients.client_id"], name=op.f("fk_token_families_client_id_oauth_clients")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_token_families_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
    )
    op.create_index(op.f("ix_token_families_client_id"), "token_families", ["client_id"], unique=False)
    op.create_index(
        op.f("ix_token_families_organization_id_created_at"),
        "token_families",
        ["organization_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_token_families_person_id"), "token_families", ["person_id"], unique=False)
    op.create_table(
        "trusted_documents",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column(
            "registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth_clients.client_id"],
            name=op.f("fk_trusted_documents_client_id_oauth_clients"),
        ),
        sa.PrimaryKeyConstraint("client_id", "sha256", name=op.f("pk_trusted_documents")),
    )
    op.create_index(
        op.f("ix_trusted_documents_organization_id_client_id"),
        "trusted_documents",
        ["organization_id", "client_id"],
        unique=False,
    )
    op.create_table(
        "authorization_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.String(length=2000), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth_clients.client_id"],
            name=op.f("fk_authorization_codes_client_id_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_families.id"], name=op.f("fk_authorization_codes_family_id_token_families")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_authorization_codes_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_authorization_codes_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_authorization_codes")),
    )
    op.create_index(
        op.f("ix_authorization_codes_expires_at"), "authorization_codes", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_authorization_codes_organization_id_issued_at"),
        "authorization_codes",
        ["organization_id", "issued_at"],
        unique=False,
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_families.id"], name=op.f("fk_refresh_tokens_family_id_token_families")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_expires_at"), "refresh_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_family_id"), "refresh_tokens", ["family_id"], unique=False)
    op.create_index(
        op.f("ix_refresh_tokens_organization_id_issued_at"),
        "refresh_tokens",
        ["organization_id", "issued_at"],
        unique=False,
    )
    op.add_column("access_tokens", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("access_tokens", sa.Column("family_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_access_tokens_family_id"), "access_tokens", ["family_id"], unique=False)
    op.create_index(op.f("ix_access_tokens_person_id"), "access_tokens", ["person_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_access_tokens_person_id_people"), "access_tokens", "people", ["person_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_access_tokens_family_id_token_families"),
        "access_tokens",
        "token_families",
        ["family_id"],
        ["id"],
    )
    op.add_column(
        "oauth_clients",
        sa.Column("auth_method", sa.String(length=40), server_default="client_secret_basic", nullable=False),
    )
    op.add_column(
        "oauth_clients",
        sa.Column("jwks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("oauth_clients", sa.Column("jwks_uri", sa.String(length=2000), nullable=True))
    op.add_column(
        "oauth_clients",
        sa.Column(
            "grant_types",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{client_credentials}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "oauth_clients",
        sa.Column(
            "redirect_uris", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "oauth_clients",
        sa.Column("dpop_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "oauth_clients",
        sa.Column("trusted_documents_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "oauth_clients",
        sa.Column("first_party", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("oauth_clients", sa.Column("cost_per_minute", sa.Integer(), nullable=True))
    op.alter_column("oauth_clients", "secret_hash", existing_type=sa.TEXT(), nullable=True)
    op.create_check_constraint(
        op.f("ck_oauth_clients_secret_unless_assertions"),
        "oauth_clients",
        "(auth_method = 'private_key_jwt') = (secret_hash IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_oauth_clients_one_source_of_keys"),
        "oauth_clients",
        "(auth_method = 'private_key_jwt') = (num_nonnulls(jwks, jwks_uri) = 1)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_oauth_clients_one_source_of_keys"), "oauth_clients", type_="check")
    op.drop_constraint(op.f("ck_oauth_clients_secret_unless_assertions"), "oauth_clients", type_="check")
    op.alter_column("oauth_clients", "secret_hash", existing_type=sa.TEXT(), nullable=False)
    op.drop_column("oauth_clients", "cost_per_minute")
    op.drop_column("oauth_clients", "first_party")
    op.drop_column("oauth_clients", "trusted_documents_only")
    op.drop_column("oauth_clients", "dpop_required")
    op.drop_column("oauth_clients", "redirect_uris")
    op.drop_column("oauth_clients", "grant_types")
    op.drop_column("oauth_clients", "jwks_uri")
    op.drop_column("oauth_clients", "jwks")
    op.drop_column("oauth_clients", "auth_method")
    op.drop_constraint(op.f("fk_access_tokens_family_id_token_families"), "access_tokens", type_="foreignkey")
    op.drop_constraint(op.f("fk_access_tokens_person_id_people"), "access_tokens", type_="foreignkey")
    op.drop_index(op.f("ix_access_tokens_person_id"), table_name="access_tokens")
    op.drop_index(op.f("ix_access_tokens_family_id"), table_name="access_tokens")
    op.drop_column("access_tokens", "family_id")
    op.drop_column("access_tokens", "person_id")
    op.drop_index(op.f("ix_refresh_tokens_organization_id_issued_at"), table_name="refresh_tokens")
    op.drop_index(op.f("ix_refresh_tokens_family_id"), table_name="refresh_tokens")
    op.drop_index(op.f("ix_refresh_tokens_expires_at"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_authorization_codes_organization_id_issued_at"), table_name="authorization_codes")
    op.drop_index(op.f("ix_authorization_codes_expires_at"), table_name="authorization_codes")
    op.drop_table("authorization_codes")
    op.drop_index(op.f("ix_trusted_documents_organization_id_client_id"), table_name="trusted_documents")
    op.drop_table("trusted_documents")
    op.drop_index(op.f("ix_token_families_person_id"), table_name="token_families")
    op.drop_index(op.f("ix_token_families_organization_id_created_at"), table_name="token_families")
    op.drop_index(op.f("ix_token_families_client_id"), table_name="token_families")
    op.drop_table("token_families")
    op.drop_index(op.f("ix_sessions_person_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_organization_id_person_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_passkeys_person_id"), table_name="passkeys")
    op.drop_table("passkeys")
    op.drop_index(op.f("ix_memberships_organization_id_person_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_invitations_person_id"), table_name="invitations")
    op.drop_index(op.f("ix_invitations_expires_at"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_client_grants_organization_id_client_id"), table_name="client_grants")
    op.drop_table("client_grants")
    op.drop_index(op.f("ix_sign_in_failures_last_at"), table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_seen_tokens_expires_at"), table_name="seen_tokens")
    op.drop_table("seen_tokens")
    op.drop_index(op.f("ix_security_events_subject_occurred_at"), table_name="security_events")
    op.drop_index(op.f("ix_security_events_organization_id_occurred_at"), table_name="security_events")
    op.drop_table("security_events")
    op.drop_index(op.f("ix_rate_buckets_updated_at"), table_name="rate_buckets")
    op.drop_table("rate_buckets")
    op.drop_index("uq_people_email", table_name="people")
    op.drop_index(op.f("ix_people_external_issuer_external_subject"), table_name="people")
    op.drop_table("people")
