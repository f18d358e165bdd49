"""What Postgres holds to of the audit: who adds and who reads, and that nothing is ever changed or removed."""

from __future__ import annotations

from typing import Final

#: Of the tables that services have from the kernel; see `vereda.migrations`.
AUDIT_POLICIES: Final = """
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_entries', 'audit_queue', 'audit_leaves', 'audit_checkpoints']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;
-- An entry is added in the name of who acts, and read by them, and by who received what it tells of.
CREATE POLICY actor_adds ON audit_entries FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_part ON audit_entries FOR SELECT
  USING (organization_id = (SELECT vereda_organization()) OR recipient_id = (SELECT vereda_organization()));
-- The tree is hashes of what nobody can guess (each entry bears a MAC): every member may see to it that it only grows.
CREATE POLICY members_read ON audit_leaves FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY members_read ON audit_checkpoints FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);

CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = format('%I is only ever added to', TG_TABLE_NAME);
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_entries', 'audit_leaves', 'audit_checkpoints']
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER stays BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION audit_stays()', t);
    EXECUTE format('CREATE OR REPLACE TRIGGER stays_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()', t);
  END LOOP;
END $$;

-- What is written waits for its place in the tree. As the owner: nobody else may touch the queue.
CREATE OR REPLACE FUNCTION audit_queues() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_queue (entry_id) SELECT id FROM added;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER queues AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION audit_queues();

-- The one way to the entries of all organisations, for who may verify them (`audit:verify`): handles and codes.
CREATE OR REPLACE FUNCTION audit_entries_of(ids uuid[]) RETURNS SETOF audit_entries
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT vereda_has_scope('audit:verify') THEN
    RAISE insufficient_privilege USING MESSAGE = 'this needs the scope audit:verify';
  END IF;
  RETURN QUERY SELECT * FROM audit_entries e WHERE e.id = ANY (ids);
END $$;
"""
