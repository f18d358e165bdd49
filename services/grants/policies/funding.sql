-- Money for a purpose: programs with tiers, rounds, applications.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['funding_programs', 'funding_tiers', 'funding_rounds', 'grant_applications', 'application_events']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
  -- What is offered is read by every member and kept by its owner.
  FOREACH t IN ARRAY ARRAY['funding_programs', 'funding_tiers', 'funding_rounds']
  LOOP
    EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL)', t);
    EXECUTE format('CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION vereda_keep('
      '''id'', ''organization_id'', ''program_id'', ''budget_cents'', ''awarded_cents'', ''amount_cents'')', t);
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;
END $$;

-- A part belongs to the organisation of its whole.
CREATE POLICY owner_adds ON funding_programs FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY owner_adds ON funding_tiers FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM funding_programs p WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization())));
CREATE POLICY owner_adds ON funding_rounds FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM funding_programs p WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization())));

-- An application is the applicant's own until it is submitted.
CREATE POLICY applicant_or_funder ON grant_applications FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR (funder_id = (SELECT vereda_organization()) AND state <> 'DRAFT'));
CREATE POLICY applicant_writes ON grant_applications FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND state = 'DRAFT' AND awarded_cents IS NULL
  AND EXISTS (SELECT FROM funding_rounds r WHERE r.id = round_id AND r.organization_id = funder_id));
CREATE POLICY both_move ON grant_applications FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) OR (funder_id = (SELECT vereda_organization()) AND state <> 'DRAFT'));

CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON grant_applications FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'funder_id', 'round_id', 'tier_id', 'applicant_handle', 'funder_handle', 'consent_id',
  'consent_expires_at', 'attestation_version', 'training_waived_by', 'awarded_cents', 'created_at');
CREATE OR REPLACE FUNCTION funder_decides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND vereda_organization() <> OLD.funder_id AND (
    NEW.decision IS DISTINCT FROM OLD.decision
    OR NEW.decided_at IS DISTINCT FROM OLD.decided_at
    OR NEW.state IS DISTINCT FROM OLD.state
      AND NEW.state NOT IN ('SUBMITTED', 'SCREENING', 'AGREEMENT_SIGNED', 'WITHDRAWN')) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the funder to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER funder_decides BEFORE UPDATE ON grant_applications FOR EACH ROW EXECUTE FUNCTION funder_decides();

CREATE POLICY with_application ON application_events FOR SELECT
  USING (EXISTS (SELECT FROM grant_applications WHERE grant_applications.id = application_id));
CREATE POLICY actor_appends ON application_events FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM grant_applications a WHERE a.id = application_id
    AND (side = 'APPLICANT' AND a.organization_id = (SELECT vereda_organization())
      OR side = 'FUNDER' AND a.funder_id = (SELECT vereda_organization()))));
