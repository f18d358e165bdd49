-- An organisation's compartment: nobody else's, the client's home and the network's coordinators included (R15).

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['compartment_keys', 'privileged_notes']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY own ON compartment_keys FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_registered ON compartment_keys FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND registered_by = (SELECT vereda_subject()));

CREATE POLICY own ON privileged_notes FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_written ON privileged_notes FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND author = (SELECT vereda_subject())
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.client_id = privileged_notes.client_id)
  AND EXISTS (SELECT FROM compartment_keys k WHERE k.organization_id = (SELECT vereda_organization())
    AND k.thumbprint = privileged_notes.thumbprint));

-- We cannot destroy the key of a note, so with the client's own keys the notes themselves go (R22).
CREATE OR REPLACE FUNCTION erasure_takes_notes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM privileged_notes WHERE client_id = NEW.client_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER erasure_takes_notes AFTER UPDATE ON data_keys FOR EACH ROW
  WHEN (NEW.key_group = 'IDENTITY' AND OLD.wrapped IS NOT NULL AND NEW.wrapped IS NULL)
  EXECUTE FUNCTION erasure_takes_notes();
