-- Who works on a referral.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['assignments', 'hand_offs']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Whose work it is, is each side's own affair.
CREATE POLICY own_work ON assignments USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization())
    AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));

CREATE POLICY either_side ON hand_offs FOR SELECT USING (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY either_arranges ON hand_offs FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND arranged_at > now() - interval '5 minutes'
  AND joined_at IS NULL AND done IS NULL
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id
    AND (sender_worker IS NULL AND sender_name_sealed IS NULL OR referrals.sender_id = (SELECT vereda_organization()))
    AND (recipient_worker IS NULL AND recipient_name_sealed IS NULL
      OR referrals.recipient_id = (SELECT vereda_organization()))));
CREATE POLICY either_reports ON hand_offs FOR UPDATE
  USING (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id) AND done IS NULL)
  WITH CHECK (EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id)
    AND (reported_by IS NULL OR reported_by = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON hand_offs FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'referral_id', 'channel', 'arranged_for', 'arranged_at');
-- Each side names its own worker.
CREATE OR REPLACE FUNCTION each_its_own_worker() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE referral referrals;
BEGIN
  SELECT * INTO referral FROM referrals WHERE referrals.id = OLD.referral_id;
  IF NOT vereda_has_scope('system') AND (
    (vereda_organization() <> referral.sender_id AND (NEW.sender_worker IS DISTINCT FROM OLD.sender_worker
      OR NEW.sender_name_sealed IS DISTINCT FROM OLD.sender_name_sealed))
    OR (vereda_organization() <> referral.recipient_id AND (NEW.recipient_worker IS DISTINCT FROM OLD.recipient_worker
      OR NEW.recipient_name_sealed IS DISTINCT FROM OLD.recipient_name_sealed))
  ) THEN
    RAISE insufficient_privilege USING MESSAGE = 'each side names its own worker';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER each_its_own_worker BEFORE UPDATE ON hand_offs FOR EACH ROW
  EXECUTE FUNCTION each_its_own_worker();
