"""What Postgres holds to of webhooks: an organisation's administrators alone touch its endpoints; the log is written by
nobody who asks."""

from __future__ import annotations

from typing import Final

#: Of the tables that services have from the kernel; see `vereda.migrations`.
WEBHOOK_POLICIES: Final = """
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['webhook_endpoints', 'webhook_deliveries']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
    EXECUTE format('CREATE POLICY own_read ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization())'
      ' AND ((SELECT vereda_has_scope(''admin:organization'')) OR (SELECT vereda_has_scope(''audit:verify''))))', t);
  END LOOP;
END $$;
CREATE POLICY own ON webhook_endpoints USING
  (organization_id = (SELECT vereda_organization()) AND (SELECT vereda_has_scope('admin:organization')));
CREATE OR REPLACE TRIGGER webhook_keeps BEFORE UPDATE ON webhook_endpoints
  FOR EACH ROW EXECUTE FUNCTION vereda_keep('id', 'organization_id', 'created_by', 'created_at');
"""
