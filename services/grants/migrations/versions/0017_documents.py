"""Documents of applications and receipts, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MASTER_VERSION = (
    "CASE WHEN wrapped IS NULL THEN NULL WHEN octet_length(wrapped) < 64 THEN 0 ELSE (get_byte(wrapped, 0)::bigint << 24)"
    " + (get_byte(wrapped, 1) << 16) + (get_byte(wrapped, 2) << 8) + get_byte(wrapped, 3) END"
)


def _code(*codes: str, name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, length=40)


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "grant_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("funder_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("kind", _code("PDF", "PNG", "JPEG", "TEXT", name="attachmentkind"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _code("RECEIVING", "QUARANTINED", "READY", "REFUSED", name="attachmentstate"),
            nullable=False,
        ),
        sa.Column(
            "scan",
            _code("PENDING", "CLEAN", "NOT_SCANNED", "INFECTED", "NOT_SCANNABLE", name="attachmentscan"),
            nullable=False,
        ),
        sa.Column("started_at", at, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column(
            "master_version", sa.BigInteger(), sa.Computed(_MASTER_VERSION, persisted=True), nullable=True
        ),
        sa.Column("destroyed_at", at, nullable=True),
        sa.Column("shredded_at", at, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["grant_applications.id"],
            name=op.f("fk_grant_documents_application_id_grant_applications"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_grant_documents_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_documents")),
    )
    for columns in (["application_id", "id"], ["organization_id", "id"], ["state", "id"], ["master_version"]):
        op.create_index(op.f(f"ix_grant_documents_{'_'.join(columns)}"), "grant_documents", columns)
    op.create_index(
        op.f("ix_grant_documents_receipt_id"),
        "grant_documents",
        ["receipt_id"],
        postgresql_where=sa.text("receipt_id IS NOT NULL"),
    )
    op.create_index(
        "ix_grant_documents_to_shred",
        "grant_documents",
        ["destroyed_at"],
        postgresql_where=sa.text("wrapped IS NULL AND shredded_at IS NULL"),
    )
    op.create_table(
        "grant_document_parts",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["grant_documents.id"],
            name=op.f("fk_grant_document_parts_attachment_id_grant_documents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_grant_document_parts")),
    )


def downgrade() -> None:
    op.drop_table("grant_document_parts")
    op.drop_table("grant_documents")
