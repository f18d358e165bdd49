-- What comes of a training: help at one's side, milestones, a venture. All of it is between a participant and the host.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['assistance_contacts', 'milestones', 'ventures']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
    EXECUTE format('CREATE POLICY host_reads ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization()))', t);
    EXECUTE format('CREATE POLICY host_adds ON %I FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())'
      ' AND EXISTS (SELECT FROM participants p WHERE p.id = participant_id'
      ' AND p.organization_id = (SELECT vereda_organization())))', t);
  END LOOP;
END $$;

CREATE POLICY host_changes ON ventures FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON ventures FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'participant_id', 'organization_id');
