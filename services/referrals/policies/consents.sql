-- Consents, what ends with them, and what was disclosed under them.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['consents', 'disclosures', 'consent_scripts', 'destruction_confirmations']
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
  'script_version', 'script_hash', 'captured_by', 'receipt_hash', 'valid_from', 'expires_at', 'created_at',
  'service_domains', 'one_referral', 'partial', 'supersedes', 'presences_sealed');
CREATE OR REPLACE FUNCTION revoked_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_how) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_how) THEN
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
    UPDATE referrals SET state = 'REVOKED', reason = 'CLIENT_DECLINED', outcome = NULL, due_at = NULL, bell_at = NULL,
        sub_state = NULL, ended_at = NEW.revoked_at, told_at = NEW.revoked_at, needs = '{}', narrative_sealed = NULL, version = version + 1, updated_at = now()
      WHERE id = ending.id;
    INSERT INTO outbox_events (id, organization_id, type, subject, audience, data, request_id) VALUES (
      gen_random_uuid(), vereda_organization(), 'org.vereda.referral.revoke', ending.id,
      CASE WHEN ending.state IN ('DRAFT', 'AWAITING_CONSENT') THEN ARRAY[ending.sender_id]
        ELSE array_remove(ARRAY[ending.sender_id, ending.recipient_id], NULL) END, jsonb_build_object('referral', ending.id),
      coalesce(current_setting('vereda.request_id', true), '-'));
  END LOOP;
  UPDATE data_keys SET wrapped = NULL, destroyed_at = NEW.revoked_at
    WHERE referral_id IN (SELECT id FROM referrals WHERE consent_id = NEW.id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER revocation_ends_referrals AFTER UPDATE ON consents FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION revocation_ends_referrals();

-- A newer consent takes the place of the one that it supersedes, in one act: what goes to whom it names too goes on under
-- it, all else ends as revoked. Works as the owner for the referrals' sake; what it may be is checked here again.
CREATE OR REPLACE FUNCTION newer_consent_supersedes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM consents WHERE id = NEW.supersedes AND client_id = NEW.client_id AND organization_id = NEW.organization_id
    AND revoked_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'only a consent of the same client, recorded by the same organisation, is superseded';
  END IF;
  UPDATE referrals SET consent_id = NEW.id WHERE consent_id = NEW.supersedes AND ended_at IS NULL
    AND (recipient_id = ANY (NEW.recipients) OR recipient_id IS NULL AND NOT EXISTS (SELECT FROM referral_offers o
      WHERE o.referral_id = referrals.id AND o.state = 'OFFERED' AND o.organization_id <> ALL (NEW.recipients)))
    AND (NEW.service_domains = '{}' OR domain = ANY (NEW.service_domains));
  UPDATE consents SET revoked_at = NEW.valid_from, revoked_how = 'SUPERSEDED' WHERE id = NEW.supersedes;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER newer_consent_supersedes AFTER INSERT ON consents FOR EACH ROW
  WHEN (NEW.supersedes IS NOT NULL) EXECUTE FUNCTION newer_consent_supersedes();

-- Scripts are everybody's to read, and nobody's to change.
CREATE POLICY members_read ON consent_scripts FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY own_published ON consent_scripts FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));

-- A recipient's word on a consent that was revoked; for itself and for who recorded the consent.
CREATE POLICY confirmer_and_capturer ON destruction_confirmations FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR EXISTS (
    SELECT FROM consents WHERE consents.id = consent_id AND consents.organization_id = (SELECT vereda_organization())));
CREATE POLICY recipient_confirms ON destruction_confirmations FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND confirmed_by = (SELECT vereda_subject()) AND EXISTS (
    SELECT FROM consents WHERE consents.id = consent_id AND consents.revoked_at IS NOT NULL
      AND (SELECT vereda_organization()) = ANY (consents.recipients)));

CREATE POLICY discloser_and_home ON disclosures FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY discloser_records ON disclosures FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
