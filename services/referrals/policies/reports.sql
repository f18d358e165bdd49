-- Numbers without people: what an organisation counts is its own; what was published is every member's to read, and
-- nobody's to change.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tally_reports', 'tally_lines', 'published_reports']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY own_counts ON tally_reports FOR ALL
  USING (organization_id = (SELECT vereda_organization())) WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_lines ON tally_lines FOR ALL
  USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM tally_reports WHERE tally_reports.id = report_id
      AND tally_reports.organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON tally_reports FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'form', 'period', 'created_at');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON tally_lines FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'report_id', 'organization_id', 'line', 'county', 'count');

CREATE POLICY members_read ON published_reports FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON published_reports FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'measure', 'period', 'figures', 'waits', 'published_at');
