-- Slips on paper: printed by a referral's sender, used up by its recipient.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['referral_slips', 'slip_tries']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY sender_or_recipient ON referral_slips FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR recipient_id = (SELECT vereda_organization()));
-- For a referral that was sent, to whom it was sent, and to nobody else.
CREATE POLICY sender_prints ON referral_slips FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM referrals WHERE referrals.id = referral_id AND referrals.sender_id = (SELECT vereda_organization())
      AND referrals.recipient_id = referral_slips.recipient_id AND referrals.ended_at IS NULL));
CREATE POLICY either_ends ON referral_slips FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) OR recipient_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON referral_slips FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'recipient_id', 'referral_id', 'code_index', 'language', 'issued_at', 'expires_at');
-- A code is used once, by its recipient; what ended it stays.
CREATE OR REPLACE FUNCTION slip_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.claimed_at IS NOT NULL OR OLD.voided_at IS NOT NULL
    OR (NEW.claimed_at IS NOT NULL AND NEW.recipient_id IS DISTINCT FROM vereda_organization())
    OR (NEW.voided_at IS NOT NULL AND NEW.organization_id IS DISTINCT FROM vereda_organization())
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'a slip ends once: its recipient uses it, or its sender prints another';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER slip_ends_once BEFORE UPDATE ON referral_slips FOR EACH ROW EXECUTE FUNCTION slip_ends_once();

CREATE POLICY own ON slip_tries USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()));
