-- Hand-offs: what either side sees and may say.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['referrals', 'referral_events', 'contact_attempts']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- What was not sent is the sender's alone.
CREATE POLICY sender_writes ON referrals FOR INSERT WITH CHECK (
  sender_id = (SELECT vereda_organization()) AND state = 'DRAFT'
  AND EXISTS (SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = sender_id)
  AND EXISTS (SELECT FROM consents WHERE consents.id = consent_id AND consents.client_id = referrals.client_id
    AND referrals.recipient_id = ANY (consents.recipients)));
-- A survivor's exists for its recipient no longer than a consent in force names it for that (R16; 8 U.S.C. 1367).
CREATE POLICY sender_or_recipient ON referrals FOR SELECT USING (
  sender_id = (SELECT vereda_organization())
  OR (recipient_id = (SELECT vereda_organization()) AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')
    AND (NOT survivor OR EXISTS (SELECT FROM consents WHERE consents.id = consent_id
      AND recipient_id = ANY (consents.recipients) AND 'SURVIVOR' = ANY (consents.data_classes)
      AND consents.revoked_at IS NULL AND consents.valid_from <= now() AND consents.expires_at > now()))));
CREATE POLICY both_move ON referrals FOR UPDATE USING (
  sender_id = (SELECT vereda_organization())
  OR (recipient_id = (SELECT vereda_organization()) AND state NOT IN ('DRAFT', 'AWAITING_CONSENT')));

CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON referrals FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'client_id', 'consent_id', 'sender_id', 'author', 'recipient_id', 'service_id', 'parent_id', 'domain', 'category',
  'legal', 'survivor', 'needs', 'narrative_sealed', 'urgency',
  'placer_id_sealed', 'placer_id_index', 'created_at');
-- What is the one side's to say, the other cannot.
CREATE OR REPLACE FUNCTION each_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND (
    (vereda_organization() <> OLD.sender_id AND NEW."loop" IS DISTINCT FROM OLD."loop" AND NEW."loop" IN ('CONFIRMED', 'DISPUTED'))
    OR (vereda_organization() <> OLD.sender_id AND NEW.state IS DISTINCT FROM OLD.state
      AND NEW.state IN ('DRAFT', 'AWAITING_CONSENT', 'SENT', 'CANCELLED', 'REDIRECTED', 'REVOKED', 'VOID', 'EXPIRED'))
    OR (vereda_organization() <> OLD.recipient_id AND (
      NEW.conflict_cleared_at IS DISTINCT FROM OLD.conflict_cleared_at
      OR NEW.filler_id_sealed IS DISTINCT FROM OLD.filler_id_sealed
      OR NEW.filler_id_index IS DISTINCT FROM OLD.filler_id_index
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
