-- Breaking the glass: for danger to life, one person, one hour, two classes (R29).

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['emergency_accesses', 'emergency_reviews']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Who opened it, and the client's home, which has to tell the client.
CREATE POLICY opener_and_home ON emergency_accesses FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY one_who_knows_them_opens ON emergency_accesses FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND opened_by = (SELECT vereda_subject())
  AND opened_at > now() - interval '5 minutes' AND expires_at <= now() + interval '1 hour'
  AND client_told_at IS NULL AND overdue_told_at IS NULL AND EXISTS (
    SELECT FROM client_handles WHERE client_handles.client_id = emergency_accesses.client_id
      AND client_handles.organization_id = (SELECT vereda_organization())));
CREATE POLICY home_tells ON emergency_accesses FOR UPDATE USING (EXISTS (
  SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON emergency_accesses FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'client_id', 'opened_by', 'danger', 'statement_sealed', 'opened_at', 'expires_at',
  'overdue_told_at');

-- Not of a survivor, whom whoever opens it may be the danger to; nor past a conflict check that is not cleared. It works as
-- the owner, because whether somebody is a survivor is not for who asks to see, and it says nothing of why: no row is
-- made, as where the client's keys are gone (R16).
CREATE OR REPLACE FUNCTION emergency_or_nothing() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM referrals WHERE client_id = NEW.client_id AND survivor)
    OR EXISTS (SELECT FROM consents WHERE client_id = NEW.client_id AND 'SURVIVOR' = ANY (data_classes))
    OR NOT EXISTS (SELECT FROM data_keys WHERE client_id = NEW.client_id AND key_group = 'IDENTITY' AND wrapped IS NOT NULL)
    OR EXISTS (SELECT FROM referrals WHERE client_id = NEW.client_id AND recipient_id = NEW.organization_id AND legal
      AND conflict_cleared_at IS NULL)
  THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER emergency_or_nothing BEFORE INSERT ON emergency_accesses FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION emergency_or_nothing();

-- Two people review it, of the two organisations, neither of them who opened it.
CREATE POLICY with_access ON emergency_reviews FOR SELECT
  USING (EXISTS (SELECT FROM emergency_accesses WHERE emergency_accesses.id = access_id));
CREATE POLICY another_reviews ON emergency_reviews FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND reviewer = (SELECT vereda_subject()) AND EXISTS (
    SELECT FROM emergency_accesses WHERE emergency_accesses.id = access_id
      AND emergency_accesses.opened_by <> (SELECT vereda_subject())));
