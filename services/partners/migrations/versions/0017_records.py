"""Who says what of a record, proposals to change it, reminders to look it over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.partners.domain.records import FIELDS, RecordKind

revision = "0017"
down_revision = "0016"

_TABLES = {
    RecordKind.ORGANIZATION: "organizations",
    RecordKind.SERVICE: "services",
    RecordKind.LOCATION: "locations",
}

# With each change of a record, whoever makes it. The owner's pool of connections is the system's (imports): what it says of
# a field that the owner has spoken of is noted, and the field stays as it is.
_KEEP = """
CREATE FUNCTION keep_record_sources() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  system CONSTANT boolean := session_user = current_user;
  says CONSTANT jsonb := to_jsonb(NEW);
  owner CONSTANT uuid := coalesce((to_jsonb(NEW) ->> 'organization_id')::uuid, NEW.id);
  said jsonb;
  kept jsonb;
BEGIN
  IF (system AND NEW.source IS NULL) OR (NOT system AND vereda_organization() IS DISTINCT FROM owner) THEN
    RETURN NEW;  -- our own loaders, and who lets an organisation in, are no source
  END IF;
  SELECT jsonb_object_agg(field, says -> field) INTO said FROM unnest(TG_ARGV[1:]) AS field
  WHERE CASE TG_OP WHEN 'INSERT' THEN says ->> field IS NOT NULL
    ELSE says -> field IS DISTINCT FROM to_jsonb(OLD) -> field END;
  IF said IS NULL THEN
    RETURN NEW;
  END IF;
  INSERT INTO record_sources AS known (subject_id, source, kind, organization_id, says, said_at)
  SELECT NEW.id, CASE WHEN system THEN NEW.source ELSE 'OWNER' END, TG_ARGV[0],
    owner, said, jsonb_object_agg(field, to_jsonb(now()))
  FROM jsonb_object_keys(said) AS field
  ON CONFLICT (subject_id, source) DO UPDATE
    SET says = known.says || excluded.says, said_at = known.said_at || excluded.said_at;
  IF system AND TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(field, to_jsonb(OLD) -> field) INTO kept
    FROM record_sources owners CROSS JOIN LATERAL jsonb_object_keys(owners.says) AS field
    WHERE owners.subject_id = NEW.id AND owners.source = 'OWNER' AND said ? field;
    IF kept IS NOT NULL THEN
      NEW := jsonb_populate_record(NEW, kept);
    END IF;
  END IF;
  RETURN NEW;
END $$
"""


def _of_organization(table: str, column: str = "organization_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["organizations.id"], name=op.f(f"fk_{table}_{column}_organizations")
    )


def upgrade() -> None:
    op.create_table(
        "record_sources",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("says", postgresql.JSONB(), nullable=False),
        sa.Column("said_at", postgresql.JSONB(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "source", name=op.f("pk_record_sources")),
    )
    op.create_index(op.f("ix_record_sources_organization_id"), "record_sources", ["organization_id"])
    op.create_table(
        "change_proposals",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.Column("proposed", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _of_organization("change_proposals"),
        _of_organization("change_proposals", "owner_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_proposals")),
    )
    op.create_index(
        op.f("ix_change_proposals_organization_id_id"), "change_proposals", ["organization_id", "id"]
    )
    op.create_index(op.f("ix_change_proposals_owner_id_id"), "change_proposals", ["owner_id", "id"])
    op.create_index(op.f("ix_change_proposals_subject_id"), "change_proposals", ["subject_id"])
    op.create_table(
        "record_reminders",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _of_organization("record_reminders"),
        sa.PrimaryKeyConstraint("subject_id", "since", "days", name=op.f("pk_record_reminders")),
    )
    op.create_index(op.f("ix_record_reminders_organization_id"), "record_reminders", ["organization_id"])
    op.get_bind().exec_driver_sql(_KEEP)
    for kind, table in _TABLES.items():
        named = ", ".join(f"'{one}'" for one in (kind.value, *FIELDS[kind]))
        op.execute(
            f"CREATE TRIGGER keep_record_sources BEFORE INSERT OR UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_record_sources({named})"
        )


def downgrade() -> None:
    for table in _TABLES.values():
        op.execute(f"DROP TRIGGER keep_record_sources ON {table}")
    op.execute("DROP FUNCTION keep_record_sources")
    for table in ("record_reminders", "change_proposals", "record_sources"):
        op.drop_table(table)
