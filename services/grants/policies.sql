-- Who may touch which row about programmes and money. Applied as a whole at start, by its digest.
-- `system` is the scope of our own loaders; it is never issued to a client.

DO $$
DECLARE t text; p record;
BEGIN
  FOREACH t IN ARRAY ARRAY['training_programs', 'cohorts', 'participants', 'funding_programs', 'funding_tiers',
    'funding_rounds', 'grant_applications', 'application_events']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    FOR p IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = t LOOP
      EXECUTE format('DROP POLICY %I ON %I', p.policyname, t);
    END LOOP;
    EXECUTE format('CREATE POLICY loaders ON %I USING (vereda_has_scope(''system'')) WITH CHECK (vereda_has_scope(''system''))', t);
  END LOOP;
  -- What is offered is read by every member and kept by its owner.
  FOREACH t IN ARRAY ARRAY['training_programs', 'cohorts', 'funding_programs', 'funding_tiers', 'funding_rounds']
  LOOP
    EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL)', t);
    EXECUTE format('CREATE POLICY owner_adds ON %I FOR INSERT WITH CHECK (organization_id = vereda_organization())', t);
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (organization_id = vereda_organization())', t);
  END LOOP;
END $$;

-- A participant is known to the host and to the organisation that brought them. Seats are taken by the loaders'
-- right alone, after the operation has checked the client's consent.
CREATE POLICY host_or_sponsor ON participants FOR SELECT
  USING (organization_id = vereda_organization() OR sponsor_id = vereda_organization());
CREATE POLICY host_or_sponsor_changes ON participants FOR UPDATE
  USING (organization_id = vereda_organization() OR sponsor_id = vereda_organization());

-- An application is the applicant's own until it is submitted.
CREATE POLICY applicant_or_funder ON grant_applications FOR SELECT USING (
  organization_id = vereda_organization() OR (funder_id = vereda_organization() AND state <> 'DRAFT'));
CREATE POLICY applicant_writes ON grant_applications FOR INSERT WITH CHECK (organization_id = vereda_organization());
CREATE POLICY both_move ON grant_applications FOR UPDATE USING (
  organization_id = vereda_organization() OR (funder_id = vereda_organization() AND state <> 'DRAFT'));

CREATE POLICY with_application ON application_events FOR SELECT
  USING (EXISTS (SELECT FROM grant_applications WHERE grant_applications.id = application_id));
CREATE POLICY actor_appends ON application_events FOR INSERT WITH CHECK (
  organization_id = vereda_organization()
  AND EXISTS (SELECT FROM grant_applications WHERE grant_applications.id = application_id));
