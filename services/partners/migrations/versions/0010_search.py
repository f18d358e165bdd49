"""Search: an index of services of its own, the directory's vocabulary, synonyms; triggers that keep the index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.partners.domain.spelling import forgiven, remainders
from services.partners.domain.synonyms import pairs
from services.partners.domain.words import ACCENTED, PLAIN

revision = "0010"
down_revision = "0009"

_AS_SYSTEM = (
    "SELECT set_config('vereda.scopes', 'system', true),"
    " set_config('vereda.organization', '00000000-0000-0000-0000-000000000000', true)"
)

_FOLD = f"""
CREATE FUNCTION search_fold(written text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT translate(lower(coalesce(written, '')), '{ACCENTED}', '{PLAIN}') $$
"""
_WORDS_OF = """
CREATE FUNCTION search_words_of(written text, weight "char") RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT setweight(to_tsvector('pg_catalog.english', folded) || to_tsvector('pg_catalog.spanish', folded), weight)
   FROM (SELECT left(search_fold(written), 60000) AS folded) AS f $$
"""

# Called by the trigger below, which works as the owner: nobody else has a right to the index.
_REFRESH = r"""
CREATE FUNCTION refresh_service_documents(wanted uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever changes another part of the same service waits here, and then reads what this transaction wrote.
  PERFORM FROM service_documents WHERE service_id = ANY (wanted) ORDER BY service_id FOR UPDATE;
  INSERT INTO service_documents AS document (service_id, organization_id, name, status, kind, working, terms, languages,
    counties, modalities, fee, source, verified_at, words, due, refreshed_in)
  SELECT s.id, s.organization_id, s.name, s.status, o.kind, o.status = 'ACTIVE', tree.codes, spoken.codes, areas.codes,
    places.modalities,
    CASE
      WHEN said.fees ~ '\m(free|gratis|gratuit[oa]s?|no (cost|charge|fees?)|sin costo|sin cargo)\M'
        AND said.fees !~ '\m(not|no es|isn.?t) (free|gratis|gratuit[oa])\M' THEN 'FREE'
      WHEN said.fees ~ '\m(sliding|escala|low.cost|bajo costo|ability to pay|segun (sus )?ingresos?)\M' THEN 'SLIDING_SCALE'
      WHEN said.fees ~ '[$0-9]' THEN 'FEE'
      ELSE 'UNKNOWN'
    END,
    s.source, s.verified_at,
    search_words_of(concat_ws(' ', s.name, s.name_es, s.alternate_name), 'A')
      || search_words_of(concat_ws(' ', o.name, o.alternate_name, tree.names), 'B')
      || search_words_of(concat_ws(' ', s.description, s.description_es), 'C')
      || search_words_of(concat_ws(' ', s.eligibility_description, s.application_process, s.fees_description, s.alert,
           array_to_string(s.required_documents, ' ')), 'D')
      || tree.lexemes,
    true, pg_current_xact_id()::text::bigint
  FROM services s
  JOIN organizations o ON o.id = s.organization_id
  CROSS JOIN LATERAL (SELECT search_fold(s.fees_description) AS fees) AS said
  CROSS JOIN LATERAL (
    WITH RECURSIVE above AS (
      SELECT t.code, t.parent_code, t.name, t.name_es FROM taxonomy_terms t WHERE t.code = ANY (s.term_codes)
      UNION SELECT t.code, t.parent_code, t.name, t.name_es FROM taxonomy_terms t JOIN above ON t.code = above.parent_code)
    SELECT coalesce(array_agg(code ORDER BY code), '{}') AS codes, string_agg(concat_ws(' ', name, name_es), ' ') AS names,
      coalesce(string_agg('''#' || replace(replace(code, '\', '\\'), '''', '''''') || ''':1B', ' '), '')::tsvector AS lexemes
    FROM above) AS tree
  CROSS JOIN LATERAL (
    -- Apart, so that each is found by an index of its own.
    SELECT coalesce(array_agg(DISTINCT code), '{}') AS codes FROM (
      SELECT l.code::text AS code FROM language_offers l WHERE l.service_id = s.id
      UNION SELECT l.code::text FROM language_offers l
      WHERE l.organization_id = s.organization_id AND l.service_id IS NULL AND l.location_id IS NULL) AS offers) AS spoken
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT county), '{}') AS codes FROM (
      SELECT a.county_fips::text AS county FROM service_areas a WHERE a.service_id = s.id
      UNION SELECT p.county_fips::text FROM services_at_locations sl JOIN locations p ON p.id = sl.location_id
      WHERE sl.service_id = s.id) AS known
    WHERE county IS NOT NULL) AS areas
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT CASE p.location_type WHEN 'VIRTUAL' THEN 'REMOTE' ELSE 'IN_PERSON' END), '{}') AS modalities
    FROM services_at_locations sl JOIN locations p ON p.id = sl.location_id
    WHERE sl.service_id = s.id AND p.location_type <> 'POSTAL') AS places
  WHERE s.id = ANY (wanted)
  ON CONFLICT (service_id) DO UPDATE SET organization_id = excluded.organization_id, name = excluded.name,
    status = excluded.status, kind = excluded.kind, working = excluded.working, terms = excluded.terms,
    languages = excluded.languages, counties = excluded.counties, modalities = excluded.modalities, fee = excluded.fee,
    source = excluded.source, verified_at = excluded.verified_at, words = excluded.words, due = true,
    refreshed_in = excluded.refreshed_in;
END $$;
"""

# At the end of the transaction, when all parts of a service are there: each is then read once.
_CHANGED = """
CREATE FUNCTION note_changed_service() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  part jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
  changed uuid[];
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'services' THEN
      changed := ARRAY[(part ->> 'id')::uuid];
    WHEN 'organizations' THEN
      SELECT array_agg(id) INTO changed FROM services WHERE organization_id = (part ->> 'id')::uuid;
    WHEN 'locations' THEN
      SELECT array_agg(service_id) INTO changed FROM services_at_locations WHERE location_id = (part ->> 'id')::uuid;
    WHEN 'taxonomy_terms' THEN
      SELECT array_agg(service_id) INTO changed FROM service_documents WHERE terms @> ARRAY[part ->> 'code'];
    ELSE
      IF part ->> 'service_id' IS NOT NULL THEN
        changed := ARRAY[(part ->> 'service_id')::uuid];
      ELSIF part ->> 'location_id' IS NOT NULL THEN
        SELECT array_agg(service_id) INTO changed FROM services_at_locations
        WHERE location_id = (part ->> 'location_id')::uuid;
      ELSE
        SELECT array_agg(id) INTO changed FROM services WHERE organization_id = (part ->> 'organization_id')::uuid;
      END IF;
  END CASE;
  SELECT array_agg(one) INTO changed FROM unnest(changed) AS one
  WHERE NOT EXISTS (SELECT FROM service_documents
    WHERE service_id = one AND refreshed_in = pg_current_xact_id()::text::bigint);
  IF changed IS NOT NULL THEN
    PERFORM refresh_service_documents(changed);
  END IF;
  RETURN NULL;
END $$;
"""

#: Tables that a service is found by, and what happens there that changes how.
_WATCHED = {
    "services": "INSERT OR UPDATE",
    "organizations": "UPDATE OF name, alternate_name, kind, status",
    "services_at_locations": "INSERT OR UPDATE OR DELETE",
    "locations": "UPDATE OF county_fips, location_type, visibility",
    "service_areas": "INSERT OR UPDATE OR DELETE",
    "language_offers": "INSERT OR UPDATE OR DELETE",
    "schedules": "INSERT OR UPDATE OR DELETE",
    "taxonomy_terms": "UPDATE OF name, name_es, parent_code",
}


def upgrade() -> None:
    op.create_table(
        "service_documents",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("terms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("counties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modalities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fee", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("openings", postgresql.TSTZMULTIRANGE(), nullable=True),
        sa.Column("openings_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("refreshed_in", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["services.id"],
            name=op.f("fk_service_documents_service_id_services"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_service_documents_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service_documents")),
    )
    for columns in (["name", "service_id"], ["organization_id"], ["openings_until"]):
        op.create_index(f"ix_service_documents_{'_'.join(columns)}", "service_documents", columns)
    for column in ("words", "terms"):
        op.create_index(
            f"ix_service_documents_{column}", "service_documents", [column], postgresql_using="gin"
        )
    op.create_index(
        "ix_service_documents_due", "service_documents", ["service_id"], postgresql_where=sa.text("due")
    )
    vocabulary = op.create_table(
        "search_words",
        sa.Column("word", sa.String(length=24), nullable=False),
        sa.Column("remainders", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    op.create_index("ix_search_words_remainders", "search_words", ["remainders"], postgresql_using="gin")
    op.create_index(
        "ix_search_words_beginning", "search_words", ["word"], postgresql_ops={"word": "text_pattern_ops"}
    )
    synonyms = op.create_table(
        "search_synonyms",
        sa.Column("phrase", sa.String(length=80), nullable=False),
        sa.Column("meaning", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("phrase", "meaning", name=op.f("pk_search_synonyms")),
    )
    # What people say is what they misspell, too.
    spoken = sorted({word for phrase, _ in pairs() for word in phrase.split() if forgiven(word)})
    op.bulk_insert(
        vocabulary, [{"word": word, "remainders": sorted(remainders(word)), "uses": 1} for word in spoken]
    )
    op.bulk_insert(synonyms, [{"phrase": phrase, "meaning": meaning} for phrase, meaning in pairs()])
    op.create_index(
        "ix_language_offers_of_whole",
        "language_offers",
        ["organization_id"],
        postgresql_where=sa.text("service_id IS NULL AND location_id IS NULL"),
    )
    op.drop_index("ix_services_search", "services")
    op.drop_column("services", "search")
    for function in (_FOLD, _WORDS_OF, _REFRESH, _CHANGED):
        op.get_bind().exec_driver_sql(function)  # as it is: `:1B` is no parameter
    for table, what in _WATCHED.items():
        op.execute(
            f"CREATE CONSTRAINT TRIGGER note_changed_service AFTER {what} ON {table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_changed_service()"
        )
    op.execute(_AS_SYSTEM)
    op.execute("SELECT refresh_service_documents(coalesce(array_agg(id), '{}')) FROM services")


def downgrade() -> None:
    for table in _WATCHED:
        op.execute(f"DROP TRIGGER note_changed_service ON {table}")
    op.execute("DROP FUNCTION note_changed_service, refresh_service_documents, search_words_of, search_fold")
    op.drop_index("ix_language_offers_of_whole", "language_offers")
    for table in ("search_synonyms", "search_words", "service_documents"):
        op.drop_table(table)
    words = " || ' ' || ".join(
        f"coalesce({name}, '')"
        for name in ("name", "alternate_name", "description", "name_es", "description_es")
    )
    folded = f"translate(lower({words}), '{ACCENTED}', '{PLAIN}')"
    both = f"to_tsvector('english', {folded}) || to_tsvector('spanish', {folded})"
    op.add_column(
        "services",
        sa.Column("search", postgresql.TSVECTOR(), sa.Computed(both, persisted=True), nullable=False),
    )
    op.create_index("ix_services_search", "services", ["search"], postgresql_using="gin")
