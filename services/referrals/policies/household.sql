-- Who comes with a client.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['household_members']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY home_keeps ON household_members
  USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
-- Another organisation knows them as it knows the client, and of a minor only where a guardian consented.
CREATE POLICY consent_shows ON household_members FOR SELECT USING (
  EXISTS (SELECT FROM clients WHERE clients.id = client_id)
  AND EXISTS (
    SELECT FROM consents WHERE consents.client_id = household_members.client_id
      AND (SELECT vereda_organization()) = ANY (consents.recipients) AND 'IDENTITY' = ANY (consents.data_classes)
      AND consents.revoked_at IS NULL AND consents.valid_from <= now() AND consents.expires_at > now()
      AND (consents.service_domains = '{}' OR EXISTS (
        SELECT FROM referrals WHERE referrals.client_id = household_members.client_id
          AND referrals.recipient_id = (SELECT vereda_organization())
          AND referrals.domain = ANY (consents.service_domains)))
      AND (household_members.age_band <> 'UNDER_18' OR consents.grantor = 'GUARDIAN')));
