-- Conflict checks of legal providers (R14).

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['conflict_sets', 'conflict_checks', 'conflict_settings']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- The sender writes the set until it is sent; a legal recipient has it from then on, and its key decides what it reads.
CREATE POLICY sender_or_legal_recipient ON conflict_sets FOR SELECT USING (EXISTS (
  SELECT FROM referrals WHERE referrals.id = referral_id AND (referrals.sender_id = (SELECT vereda_organization())
    OR referrals.legal AND referrals.recipient_id = (SELECT vereda_organization()))));
CREATE POLICY sender_gives ON conflict_sets FOR INSERT WITH CHECK (EXISTS (
  SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.client_id = conflict_sets.client_id
    AND referrals.sender_id = (SELECT vereda_organization()) AND referrals.state IN ('DRAFT', 'AWAITING_CONSENT')));
CREATE POLICY sender_changes ON conflict_sets FOR UPDATE USING (EXISTS (
  SELECT FROM referrals WHERE referrals.id = referral_id
    AND referrals.sender_id = (SELECT vereda_organization()) AND referrals.state IN ('DRAFT', 'AWAITING_CONSENT')));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON conflict_sets FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'referral_id', 'client_id');

-- That conflicts are checked, and what came of it, is the recipient's own affair; it counts what it asks, and no more.
CREATE POLICY own ON conflict_checks FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_counted ON conflict_checks FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) AND result IS NULL);
CREATE OR REPLACE FUNCTION only_counted_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 AND NOT vereda_has_scope('system') AND (NEW.names_asked < OLD.names_asked
    OR (NEW.result, NEW.concluded_by, NEW.concluded_at) IS DISTINCT FROM (OLD.result, OLD.concluded_by, OLD.concluded_at))
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'a conflict check is concluded by moving its referral';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER only_counted_up BEFORE UPDATE ON conflict_checks FOR EACH ROW EXECUTE FUNCTION only_counted_up();
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON conflict_checks FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'referral_id', 'requested_by', 'requested_at');

CREATE POLICY members_read ON conflict_settings FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY own_set ON conflict_settings FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_changed ON conflict_settings FOR UPDATE USING (organization_id = (SELECT vereda_organization()));

-- A check begins and ends with the moves of its referral, whoever makes them. With a conflict the names go: their keys are
-- destroyed, and the blind tokens' with them. It belongs to the act and works as the owner.
CREATE OR REPLACE FUNCTION conflict_checked() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  conflict boolean := NEW.state = 'DECLINED' AND NEW.reason = 'CONFLICT';
  by_recipient text := CASE WHEN vereda_organization() = NEW.recipient_id THEN vereda_subject() END;
BEGIN
  IF NEW.state = 'CONFLICT_CHECK' THEN
    INSERT INTO conflict_checks (id, organization_id, referral_id, requested_by, requested_at)
      VALUES (gen_random_uuid(), NEW.recipient_id, NEW.id, vereda_subject(), now());
    RETURN NULL;
  END IF;
  UPDATE conflict_checks SET concluded_at = now(), concluded_by = by_recipient,
      result = CASE WHEN conflict THEN 'CONFLICT' WHEN NEW.state = 'IN_REVIEW' THEN 'CLEAR' ELSE 'INCONCLUSIVE' END
    WHERE referral_id = NEW.id AND result IS NULL;
  IF conflict AND NOT FOUND THEN  -- seen at once, or later than the check
    INSERT INTO conflict_checks (id, organization_id, referral_id, requested_by, requested_at, result, concluded_by,
        concluded_at)
      VALUES (gen_random_uuid(), NEW.recipient_id, NEW.id, vereda_subject(), now(), 'CONFLICT', by_recipient, now());
  END IF;
  IF conflict THEN
    UPDATE data_keys SET wrapped = NULL, destroyed_at = now() WHERE referral_id = NEW.id AND wrapped IS NOT NULL
      AND sealed_at IS NULL AND key_group IN ('CONFLICT', 'CONFLICT_MATCH');
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER conflict_checked AFTER UPDATE ON referrals FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state = 'CONFLICT_CHECK' OR NEW.state = 'CONFLICT_CHECK'
    OR NEW.state = 'DECLINED' AND NEW.reason = 'CONFLICT'))
  EXECUTE FUNCTION conflict_checked();
