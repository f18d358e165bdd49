-- Consents, what ends with them, and what was disclosed under them.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['consents', 'disclosures']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

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

CREATE POLICY discloser_and_home ON disclosures FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY discloser_records ON disclosures FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
