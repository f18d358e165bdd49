-- Hand-offs: what either side sees and may say.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['referrals', 'referral_events', 'referral_offers', 'contact_attempts']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- What was not sent is the sender's alone.
CREATE POLICY sender_writes ON referrals FOR INSERT WITH CHECK (
  sender_id = (SELECT vereda_organization()) AND state = 'DRAFT' AND recipient_id IS NULL
  AND EXISTS (SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = sender_id));
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
  'id', 'client_id', 'sender_id', 'parent_id', 'created_at');
-- A draft is edited until it is sent; from then on it says what it said.
CREATE OR REPLACE TRIGGER keep_sent BEFORE UPDATE ON referrals FOR EACH ROW
  WHEN (OLD.state NOT IN ('DRAFT', 'AWAITING_CONSENT')) EXECUTE FUNCTION vereda_keep(
  'consent_id', 'recipient_id', 'service_id', 'domain', 'category', 'legal', 'survivor', 'needs', 'narrative_sealed',
  'urgency', 'placer_id_sealed', 'placer_id_index', 'sent_at', 'consent_reading_at', 'interpreter_language');
-- Nothing is sent without a consent of its client that is in force and names everybody who is to get it (R6).
CREATE OR REPLACE FUNCTION sent_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND NOT EXISTS (
    SELECT FROM consents c WHERE c.id = NEW.consent_id AND c.client_id = NEW.client_id AND c.revoked_at IS NULL
      AND c.expires_at > now()
      AND (NEW.recipient_id = ANY (c.recipients) OR NEW.recipient_id IS NULL
        AND EXISTS (SELECT FROM referral_offers o WHERE o.referral_id = NEW.id)
        AND NOT EXISTS (SELECT FROM referral_offers o WHERE o.referral_id = NEW.id
          AND o.organization_id <> ALL (c.recipients))))
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'no consent in force covers this: row-level security';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sent_under_consent BEFORE UPDATE ON referrals FOR EACH ROW
  WHEN (OLD.state IN ('DRAFT', 'AWAITING_CONSENT') AND (NEW.recipient_id IS DISTINCT FROM OLD.recipient_id
    OR NEW.state NOT IN ('DRAFT', 'AWAITING_CONSENT', 'VOID', 'CANCELLED', 'REVOKED')))
  EXECUTE FUNCTION sent_under_consent();
-- A consent that is for one referral serves one, and what continues that one (R6): of all that are sent under it at once, the
-- first. It looks at all of the client's, and works as the owner for that.
CREATE OR REPLACE FUNCTION one_referral_each() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM consents WHERE id = NEW.consent_id AND one_referral)
    OR EXISTS (SELECT FROM referrals p WHERE p.id = NEW.parent_id AND p.consent_id = NEW.consent_id)
  THEN
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('sent under ' || NEW.consent_id, 0));
  IF EXISTS (  -- Served by ix_referrals_client_id.
    SELECT FROM referrals r LEFT JOIN referrals p ON p.id = r.parent_id
    WHERE r.client_id = NEW.client_id AND r.consent_id = NEW.consent_id AND r.id <> NEW.id
      AND r.state NOT IN ('DRAFT', 'AWAITING_CONSENT', 'VOID') AND p.consent_id IS DISTINCT FROM NEW.consent_id)
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'this consent was for one referral: row-level security';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER one_referral_each BEFORE UPDATE ON referrals FOR EACH ROW
  WHEN (OLD.state IN ('DRAFT', 'AWAITING_CONSENT') AND NEW.state NOT IN ('DRAFT', 'AWAITING_CONSENT', 'VOID', 'CANCELLED', 'REVOKED'))
  EXECUTE FUNCTION one_referral_each();
-- What is the one side's to say, the other cannot.
CREATE OR REPLACE FUNCTION each_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  by_sender boolean := vereda_organization() IS NOT DISTINCT FROM OLD.sender_id;
  by_recipient boolean := vereda_organization() IS NOT DISTINCT FROM OLD.recipient_id;
  moved boolean := NEW.state IS DISTINCT FROM OLD.state;
BEGIN
  IF NOT vereda_has_scope('system') AND (
    NEW.author IS DISTINCT FROM OLD.author AND NOT (by_sender
      AND (OLD.author = vereda_subject() OR vereda_has_scope('admin:organization')))
    OR NOT by_sender AND (
      NEW."loop" IS DISTINCT FROM OLD."loop" AND NEW."loop" IN ('CONFIRMED', 'DISPUTED')
      OR NEW.reopening_agreed_at IS DISTINCT FROM OLD.reopening_agreed_at AND NEW.reopening_agreed_at IS NOT NULL
      OR moved AND NEW.state IN ('DRAFT', 'AWAITING_CONSENT', 'SENT', 'REDIRECTED', 'REVOKED', 'VOID', 'EXPIRED')
      OR moved AND NEW.state = 'CANCELLED' AND coalesce(NEW.reason, '') NOT IN ('CLIENT_DECLINED', 'CLIENT_SERVED_ELSEWHERE'))
    OR NOT by_recipient AND (
      NEW.conflict_cleared_at IS DISTINCT FROM OLD.conflict_cleared_at
      OR NEW.filler_id_sealed IS DISTINCT FROM OLD.filler_id_sealed
      OR NEW.filler_id_index IS DISTINCT FROM OLD.filler_id_index
      OR NEW.outcome IS DISTINCT FROM OLD.outcome AND NEW.outcome IS NOT NULL
      OR NEW.waiting_place IS DISTINCT FROM OLD.waiting_place AND NEW.waiting_place IS NOT NULL
      OR OLD.state NOT IN ('DRAFT', 'AWAITING_CONSENT') AND (
        NEW.suggested_organization_id IS DISTINCT FROM OLD.suggested_organization_id
        OR NEW.suggested_service_id IS DISTINCT FROM OLD.suggested_service_id)
      OR moved AND NEW.state IN ('CONFLICT_CHECK', 'INFO_REQUESTED', 'REDIRECT_OFFERED', 'WAITLISTED', 'IN_SERVICE',
        'ON_HOLD', 'COMPLETED', 'NOT_COMPLETED', 'UNREACHABLE', 'DECLINED', 'REVOKED', 'EXPIRED')
      OR moved AND NEW.state = 'SCHEDULED' AND NOT EXISTS (
        SELECT FROM appointments a WHERE a.referral_id = NEW.id AND a.status = 'BOOKED'))
  ) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side of the referral to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER each_its_own BEFORE UPDATE ON referrals FOR EACH ROW EXECUTE FUNCTION each_its_own();

-- What hangs on a state ends with it, also for organisations that who moves cannot see: open offers when it is claimed
-- or over, appointments to come when it is over, tasks and escalations when it goes on. It works as the owner.
CREATE OR REPLACE FUNCTION moved_on() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.recipient_id IS NOT NULL OR NEW.ended_at IS NOT NULL THEN
    -- Who claims at this very moment waits for this referral, and finds out by itself (`claim_offer`).
    UPDATE referral_offers SET state = 'WITHDRAWN', answered_at = now() WHERE id IN (
      SELECT id FROM referral_offers WHERE referral_id = NEW.id AND state IN ('OFFERED', 'PASSED')
        AND organization_id IS DISTINCT FROM NEW.recipient_id FOR UPDATE SKIP LOCKED);
  END IF;
  IF NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL THEN
    UPDATE appointments SET status = 'CANCELLED', version = version + 1, updated_at = now()
      WHERE referral_id = NEW.id AND status IN ('PROPOSED', 'BOOKED');
  END IF;
  UPDATE escalations SET closed_at = now() WHERE referral_id = NEW.id AND closed_at IS NULL;
  UPDATE tasks SET closed_at = now() WHERE referral_id = NEW.id AND closed_at IS NULL
    AND (kind IN ('PROMOTE', 'REVALIDATE')
      OR kind IN ('REBOOK', 'TELL_NEW_TIME') AND NEW.state IS DISTINCT FROM OLD.state OR kind = 'AGREE_REOPENING' AND NEW.ended_at IS NULL
      OR kind = 'REMATCH' AND NEW.ended_at IS NULL
      OR kind = 'RESOLVE_DISPUTE' AND NEW."loop" <> 'DISPUTED' OR kind = 'CONFIRM_OUTCOME' AND NEW."loop" <> 'REPORTED');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moved_on AFTER UPDATE ON referrals FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD."loop" IS DISTINCT FROM NEW."loop"
    OR OLD.recipient_id IS DISTINCT FROM NEW.recipient_id OR OLD.clock_from IS DISTINCT FROM NEW.clock_from)
  EXECUTE FUNCTION moved_on();
-- Whoever goes on with it elsewhere has done what was asked.
CREATE OR REPLACE FUNCTION went_on() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tasks SET closed_at = now() WHERE referral_id = NEW.parent_id AND kind = 'REMATCH' AND closed_at IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER went_on AFTER INSERT ON referrals FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
  EXECUTE FUNCTION went_on();

-- Events are only ever added, by whoever acts, to a referral that they see.
CREATE POLICY with_referral ON referral_events FOR SELECT
  USING (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY actor_appends ON referral_events FOR INSERT WITH CHECK (
  actor_organization_id = (SELECT vereda_organization())
  AND occurred_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id
    AND (party = 'SENDER' AND referrals.sender_id = (SELECT vereda_organization())
      OR party IN ('RECIPIENT', 'CANDIDATE') AND referrals.recipient_id = (SELECT vereda_organization()))));

-- An open offer shows its candidate what a claim needs, and not the referral; its sender makes it, in a draft.
CREATE POLICY candidate_or_sender ON referral_offers FOR SELECT USING (
  organization_id = (SELECT vereda_organization())
  OR EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id
    AND referrals.sender_id = (SELECT vereda_organization())));
CREATE POLICY sender_offers ON referral_offers FOR INSERT WITH CHECK (
  asked_by = (SELECT vereda_organization()) AND state = 'OFFERED'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.state IN ('DRAFT', 'AWAITING_CONSENT')
    AND referrals.sender_id = (SELECT vereda_organization())));
CREATE POLICY candidate_answers ON referral_offers FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) AND state IN ('OFFERED', 'PASSED'))
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND state <> 'OFFERED');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON referral_offers FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'referral_id', 'asked_by', 'service_id', 'domain', 'category', 'legal', 'survivor', 'urgency',
  'language', 'available', 'reported_at', 'offered_at', 'answer_by');

-- Claiming: of all who claim at once exactly one gets the referral, because all of them wait for its row. The claimant
-- becomes the recipient, the others' offers are withdrawn (`moved_on`), and the disclosure is entered for the sender; who
-- comes too late has its own offer withdrawn instead. A consent that does not hold any more lets nobody claim. It belongs
-- to the act and works as the owner: a candidate sees the referral only once it is its own.
CREATE OR REPLACE FUNCTION claim_offer() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted referrals;
BEGIN
  SELECT * INTO wanted FROM referrals r WHERE r.id = NEW.referral_id FOR UPDATE;
  IF wanted.recipient_id IS NOT NULL OR wanted.state <> 'SENT'
    OR NOT EXISTS (SELECT FROM consents c WHERE c.id = wanted.consent_id AND c.revoked_at IS NULL
      AND c.valid_from <= now() AND c.expires_at > now() AND NEW.organization_id = ANY (c.recipients))
  THEN
    NEW.state := 'WITHDRAWN';
    RETURN NEW;
  END IF;
  UPDATE referrals SET recipient_id = NEW.organization_id, service_id = NEW.service_id, domain = NEW.domain,
      category = NEW.category, legal = NEW.legal, survivor = NEW.survivor, offer_available = NEW.available,
      offer_reported_at = NEW.reported_at
    WHERE id = wanted.id;
  INSERT INTO disclosures (id, organization_id, client_id, recipient_id, referral_id, consent_id, purpose, data_classes,
      disclosed_at)
    SELECT gen_random_uuid(), wanted.sender_id, wanted.client_id, NEW.organization_id, wanted.id, c.id,
      'REFERRAL_DELIVERY', c.data_classes, now() FROM consents c WHERE c.id = wanted.consent_id;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER claim_offer BEFORE UPDATE ON referral_offers FOR EACH ROW
  WHEN (NEW.state = 'CLAIMED' AND OLD.state <> 'CLAIMED') EXECUTE FUNCTION claim_offer();

CREATE POLICY own_attempts ON contact_attempts FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY attempt_made ON contact_attempts FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND attempted_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.recipient_id = (SELECT vereda_organization())));
