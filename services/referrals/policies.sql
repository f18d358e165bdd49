-- Who may touch which row about a client. Applied as a whole at start, by its digest.
-- `system` is the scope of our own loaders and workers; it is never issued to a client.
--
-- Policies ask each other in one direction: keys -> clients -> handles, events -> referrals. The handles' own
-- policies look at nothing else, so that the chain ends. Policies say which rows; triggers say which columns.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['clients', 'client_handles', 'data_keys', 'consents', 'referrals', 'referral_events',
    'contact_attempts', 'disclosures']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Each organisation has its own handle of a client, and sees no other's (R19).
-- Without a `SELECT` around the function, which elsewhere makes it asked once for a statement: Postgres would take that for
-- a circle.
CREATE POLICY own_handle ON client_handles FOR SELECT USING (organization_id = vereda_organization());
CREATE POLICY home_names ON client_handles FOR INSERT WITH CHECK (
  (SELECT vereda_organization()) IS NOT NULL AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));

CREATE POLICY home_keeps ON clients FOR ALL
  USING (home_organization_id = (SELECT vereda_organization())) WITH CHECK (home_organization_id = (SELECT vereda_organization()));
CREATE POLICY handle_opens ON clients FOR SELECT USING (EXISTS (
  SELECT FROM client_handles WHERE client_handles.client_id = clients.id
    AND client_handles.organization_id = (SELECT vereda_organization())));

-- A consent is known to who captured it and to whom it names; both may record its revocation (R9).
CREATE POLICY capturer_or_recipient ON consents FOR SELECT
  USING (organization_id = (SELECT vereda_organization()) OR (SELECT vereda_organization()) = ANY (recipients));
CREATE POLICY home_captures ON consents FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY either_revokes ON consents FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) OR (SELECT vereda_organization()) = ANY (recipients));
-- Nothing of a consent ever changes but that it is revoked, once.
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'client_id', 'grantor', 'recipients', 'purposes', 'data_classes', 'method', 'language',
  'script_version', 'script_hash', 'captured_by', 'receipt_hash', 'valid_from', 'expires_at', 'created_at');
CREATE OR REPLACE FUNCTION revoked_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
    RAISE insufficient_privilege USING MESSAGE = 'a revocation may not be changed';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER revoked_for_good BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION revoked_for_good();

-- With the consent ends what was done under it, for organisations too that who revokes cannot see: the referrals under
-- way end as REVOKED (the row REVOKE of the lifecycle's table), what they tell of a need goes, and the keys of what they
-- told are destroyed (R9, R22). It belongs to the act, so that nobody can have the one without the other; it works as the
-- owner, and there is no other way to it.
CREATE OR REPLACE FUNCTION revocation_ends_referrals() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ending record;
BEGIN
  FOR ending IN SELECT id, state, sender_id, recipient_id FROM referrals
    WHERE consent_id = NEW.id AND ended_at IS NULL ORDER BY id FOR UPDATE
  LOOP
    INSERT INTO referral_events (referral_id, sequence, move, from_state, to_state, party, actor_organization_id, actor,
        reason, occurred_at)
      SELECT ending.id, coalesce(max(e.sequence), 0) + 1, 'REVOKE', ending.state, 'REVOKED', 'CLIENT',
        vereda_organization(), vereda_subject(), 'CLIENT_DECLINED', NEW.revoked_at
      FROM referral_events e WHERE e.referral_id = ending.id;
    UPDATE referrals SET state = 'REVOKED', reason = 'CLIENT_DECLINED', outcome = NULL, due_at = NULL,
        ended_at = NEW.revoked_at, needs = '{}', narrative_sealed = NULL, version = version + 1, updated_at = now()
      WHERE id = ending.id;
    INSERT INTO outbox_events (id, organization_id, type, subject, audience, data, request_id) VALUES (
      gen_random_uuid(), vereda_organization(), 'org.vereda.referral.revoke', ending.id,
      CASE WHEN ending.state IN ('DRAFT', 'AWAITING_CONSENT') THEN ARRAY[ending.sender_id]
        ELSE ARRAY[ending.sender_id, ending.recipient_id] END, jsonb_build_object('referral', ending.id),
      coalesce(current_setting('vereda.request_id', true), '-'));
  END LOOP;
  UPDATE data_keys SET wrapped = NULL, destroyed_at = NEW.revoked_at
    WHERE referral_id IN (SELECT id FROM referrals WHERE consent_id = NEW.id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER revocation_ends_referrals AFTER UPDATE ON consents FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION revocation_ends_referrals();

-- The home organisation holds a client's keys. A recipient reaches one only while a consent in force names it for
-- that class, and a referral to it has passed the conflict check where one is due: revocation and R14 hold here too,
-- whatever the code above does (R9).
CREATE POLICY home_holds ON data_keys FOR ALL USING (EXISTS (
  SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY consent_lends ON data_keys FOR SELECT USING (
  EXISTS (
    SELECT FROM consents
    WHERE consents.client_id = data_keys.client_id
      AND (SELECT vereda_organization()) = ANY (consents.recipients)
      AND (CASE data_keys.key_group WHEN 'NARRATIVE' THEN 'NEED' ELSE data_keys.key_group END) = ANY (consents.data_classes)
      AND consents.revoked_at IS NULL AND consents.valid_from <= now() AND consents.expires_at > now())
  AND EXISTS (
    SELECT FROM referrals
    WHERE referrals.client_id = data_keys.client_id AND referrals.recipient_id = (SELECT vereda_organization())
      AND (data_keys.referral_id IS NULL OR data_keys.referral_id = referrals.id)
      AND CASE data_keys.key_group
        WHEN 'IDENTITY' THEN NOT referrals.legal OR referrals.conflict_cleared_at IS NOT NULL OR referrals.ended_at IS NULL
        ELSE NOT referrals.legal OR referrals.conflict_cleared_at IS NOT NULL END));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON data_keys FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'client_id', 'referral_id', 'key_group');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'home_organization_id');

-- What was not sent is the sender's alone.
CREATE POLICY sender_writes ON referrals FOR INSERT WITH CHECK (
  sender_id = (SELECT vereda_organization()) AND state = 'DRAFT'
  AND EXISTS (SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = sender_id)
  AND EXISTS (SELECT FROM consents WHERE consents.id = consent_id AND consents.client_id = referrals.client_id
    AND referrals.recipient_id = ANY (consents.recipients)));
CREATE POLICY sender_or_recipient ON referrals FOR SELECT USING (
  sender_id = (SELECT vereda_organization())
  OR (recipient_id = (SELECT vereda_organization()) AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')));
CREATE POLICY both_move ON referrals FOR UPDATE USING (
  sender_id = (SELECT vereda_organization())
  OR (recipient_id = (SELECT vereda_organization()) AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')));

CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON referrals FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'client_id', 'consent_id', 'sender_id', 'recipient_id', 'service_id', 'parent_id', 'domain', 'category',
  'legal', 'survivor', 'needs', 'narrative_sealed', 'urgency', 'placer_id', 'created_at');
-- What is the one side's to say, the other cannot.
CREATE OR REPLACE FUNCTION each_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND (
    (vereda_organization() <> OLD.sender_id AND NEW."loop" IS DISTINCT FROM OLD."loop" AND NEW."loop" IN ('CONFIRMED', 'DISPUTED'))
    OR (vereda_organization() <> OLD.sender_id AND NEW.state IS DISTINCT FROM OLD.state
      AND NEW.state IN ('DRAFT', 'AWAITING_CONSENT', 'SENT', 'CANCELLED', 'REDIRECTED', 'REVOKED', 'VOID', 'EXPIRED'))
    OR (vereda_organization() <> OLD.recipient_id AND (
      NEW.conflict_cleared_at IS DISTINCT FROM OLD.conflict_cleared_at
      OR NEW.filler_id IS DISTINCT FROM OLD.filler_id
      OR NEW.outcome IS DISTINCT FROM OLD.outcome AND NEW.outcome IS NOT NULL
      OR NEW.state IS DISTINCT FROM OLD.state AND NEW.state IN ('CONFLICT_CHECK', 'INFO_REQUESTED', 'REDIRECT_OFFERED',
        'WAITLISTED', 'SCHEDULED', 'IN_SERVICE', 'ON_HOLD', 'COMPLETED', 'NOT_COMPLETED', 'UNREACHABLE', 'DECLINED',
        'REVOKED', 'EXPIRED')))
  ) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side of the referral to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER each_its_own BEFORE UPDATE ON referrals FOR EACH ROW EXECUTE FUNCTION each_its_own();

-- Events are only ever added, by whoever acts, to a referral that they see.
CREATE POLICY with_referral ON referral_events FOR SELECT
  USING (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY actor_appends ON referral_events FOR INSERT WITH CHECK (
  actor_organization_id = (SELECT vereda_organization())
  AND occurred_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id
    AND (party = 'SENDER' AND referrals.sender_id = (SELECT vereda_organization())
      OR party = 'RECIPIENT' AND referrals.recipient_id = (SELECT vereda_organization()))));

CREATE POLICY own_attempts ON contact_attempts FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY attempt_made ON contact_attempts FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND attempted_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.recipient_id = (SELECT vereda_organization())));

CREATE POLICY discloser_and_home ON disclosures FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY discloser_records ON disclosures FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
