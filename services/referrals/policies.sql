-- Who may touch which row about a client. Applied as a whole at start, by its digest.
-- `system` is the scope of our own loaders and workers; it is never issued to a client.
--
-- Policies ask each other in one direction: keys -> clients -> handles, events -> referrals. The handles' own
-- policies look at nothing else, so that the chain ends.

DO $$
DECLARE t text; p record;
BEGIN
  FOREACH t IN ARRAY ARRAY['clients', 'client_handles', 'data_keys', 'consents', 'referrals', 'referral_events',
    'contact_attempts', 'disclosures']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    FOR p IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = t LOOP
      EXECUTE format('DROP POLICY %I ON %I', p.policyname, t);
    END LOOP;
    EXECUTE format('CREATE POLICY loaders ON %I USING (vereda_has_scope(''system'')) WITH CHECK (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Each organisation has its own handle of a client, and sees no other's (R19).
CREATE POLICY own_handle ON client_handles FOR SELECT USING (organization_id = vereda_organization());
CREATE POLICY home_names ON client_handles FOR INSERT WITH CHECK (
  vereda_organization() IS NOT NULL AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = vereda_organization()));

CREATE POLICY home_keeps ON clients FOR ALL
  USING (home_organization_id = vereda_organization()) WITH CHECK (home_organization_id = vereda_organization());
CREATE POLICY handle_opens ON clients FOR SELECT USING (EXISTS (
  SELECT FROM client_handles WHERE client_handles.client_id = clients.id
    AND client_handles.organization_id = vereda_organization()));

-- A consent is known to who captured it and to whom it names; both may record its revocation (R9).
CREATE POLICY capturer_or_recipient ON consents FOR SELECT
  USING (organization_id = vereda_organization() OR vereda_organization() = ANY (recipients));
CREATE POLICY home_captures ON consents FOR INSERT WITH CHECK (
  organization_id = vereda_organization() AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = vereda_organization()));
CREATE POLICY either_revokes ON consents FOR UPDATE
  USING (organization_id = vereda_organization() OR vereda_organization() = ANY (recipients));

-- The home organisation holds a client's keys. A recipient reaches one only while a consent in force names it for
-- that class: revocation closes this at once, whatever the code above it does (R9).
CREATE POLICY home_holds ON data_keys FOR ALL USING (EXISTS (
  SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = vereda_organization()));
CREATE POLICY consent_lends ON data_keys FOR SELECT USING (EXISTS (
  SELECT FROM consents
  WHERE consents.client_id = data_keys.client_id
    AND vereda_organization() = ANY (consents.recipients)
    AND (CASE data_keys.key_group WHEN 'NARRATIVE' THEN 'NEED' ELSE data_keys.key_group END) = ANY (consents.data_classes)
    AND consents.revoked_at IS NULL AND consents.valid_from <= now() AND consents.expires_at > now()));
-- Revoking through a recipient destroys the narrative's key too; nothing but its destruction can be written so.
CREATE POLICY revocation_destroys ON data_keys FOR UPDATE
  USING (EXISTS (SELECT FROM consents WHERE consents.client_id = data_keys.client_id
    AND vereda_organization() = ANY (consents.recipients)))
  WITH CHECK (wrapped IS NULL);

-- What was not sent is the sender's alone.
CREATE POLICY sender_writes ON referrals FOR INSERT WITH CHECK (sender_id = vereda_organization());
CREATE POLICY sender_or_recipient ON referrals FOR SELECT USING (
  sender_id = vereda_organization()
  OR (recipient_id = vereda_organization() AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')));
CREATE POLICY both_move ON referrals FOR UPDATE USING (
  sender_id = vereda_organization()
  OR (recipient_id = vereda_organization() AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')));

-- Events are only ever added, by whoever acts, to a referral that they see.
CREATE POLICY with_referral ON referral_events FOR SELECT
  USING (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY actor_appends ON referral_events FOR INSERT WITH CHECK (
  actor_organization_id = vereda_organization()
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));

CREATE POLICY own_attempts ON contact_attempts FOR SELECT USING (organization_id = vereda_organization());
CREATE POLICY attempt_made ON contact_attempts FOR INSERT WITH CHECK (
  organization_id = vereda_organization() AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));

CREATE POLICY discloser_and_home ON disclosures FOR SELECT USING (
  organization_id = vereda_organization() OR EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = vereda_organization()));
CREATE POLICY discloser_records ON disclosures FOR INSERT WITH CHECK (organization_id = vereda_organization());
