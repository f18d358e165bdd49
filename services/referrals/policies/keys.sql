-- Who may open what is sealed.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['data_keys']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- The home organisation holds a client's keys. A recipient reaches one only while a consent in force names it for
-- that class and for the kind of help that it was sent the client for, and a referral to it has passed the conflict check
-- where one is due and did not end long ago: revocation, R6 and R14 hold here too, whatever the code above does (R9).
CREATE POLICY home_holds ON data_keys FOR ALL USING (EXISTS (
  SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY consent_lends ON data_keys FOR SELECT USING (EXISTS (
  SELECT FROM consents JOIN referrals USING (client_id)
  WHERE client_id = data_keys.client_id
    AND (SELECT vereda_organization()) = ANY (consents.recipients)
    AND (CASE WHEN data_keys.key_group IN ('NARRATIVE', 'THREAD', 'ATTACHMENT') THEN 'NEED'
      WHEN data_keys.key_group IN ('CONFLICT', 'CONFLICT_MATCH') THEN 'IDENTITY' ELSE data_keys.key_group END) = ANY (consents.data_classes)
    AND consents.revoked_at IS NULL AND consents.valid_from <= now() AND consents.expires_at > now()
    AND referrals.recipient_id = (SELECT vereda_organization())
    AND (consents.service_domains = '{}' OR referrals.domain = ANY (consents.service_domains))
    AND (referrals.ended_at IS NULL OR referrals.ended_at > now() - interval '30 days')
    AND (data_keys.referral_id IS NULL OR data_keys.referral_id = referrals.id)
    AND (referrals.legal OR data_keys.key_group NOT IN ('CONFLICT', 'CONFLICT_MATCH'))
    -- Before the check is cleared: what it is made with, as the recipient has set it, as names or blindly.
    AND (NOT referrals.legal OR referrals.conflict_cleared_at IS NOT NULL
      OR referrals.ended_at IS NULL AND (data_keys.key_group = 'CONFLICT_MATCH'
        OR data_keys.key_group IN ('IDENTITY', 'CONFLICT') AND NOT EXISTS (SELECT FROM conflict_settings s
          WHERE s.organization_id = (SELECT vereda_organization()) AND s.names = 'BLIND')))));
-- Its own identifier of a referral a recipient always reads; and of what both sides write, either makes the key.
CREATE POLICY own_references ON data_keys FOR SELECT USING (key_group IN ('REFERENCE', 'PRIVILEGED_RECIPIENT') AND EXISTS (
  SELECT FROM referrals WHERE referrals.id = data_keys.referral_id
    AND referrals.recipient_id = (SELECT vereda_organization())));
CREATE POLICY either_makes ON data_keys FOR INSERT WITH CHECK (key_group IN ('REFERENCE', 'THREAD', 'ATTACHMENT', 'PRIVILEGED_RECIPIENT') AND EXISTS (
  SELECT FROM referrals WHERE referrals.id = data_keys.referral_id AND referrals.client_id = data_keys.client_id
    AND referrals.recipient_id = (SELECT vereda_organization())));
-- A compartment of privilege is its own side's, whoever holds the client's other keys (R15).
CREATE POLICY compartments ON data_keys AS RESTRICTIVE USING (
  key_group NOT IN ('PRIVILEGED_SENDER', 'PRIVILEGED_RECIPIENT') OR vereda_has_scope('system') OR EXISTS (
    SELECT FROM referrals WHERE referrals.id = data_keys.referral_id AND (SELECT vereda_organization()) =
      CASE key_group WHEN 'PRIVILEGED_SENDER' THEN referrals.sender_id ELSE referrals.recipient_id END));
-- In an emergency the one person who stated it reaches these two for the hour, and seals what they stated (R29).
CREATE POLICY emergency_lends ON data_keys FOR SELECT USING (
  (key_group IN ('IDENTITY', 'CONTACT') AND referral_id IS NULL OR key_group = 'EMERGENCY') AND EXISTS (
    SELECT FROM emergency_accesses opened WHERE opened.client_id = data_keys.client_id
      AND opened.organization_id = (SELECT vereda_organization()) AND opened.opened_by = (SELECT vereda_subject())
      AND opened.opened_at <= now() AND opened.expires_at > now()
      AND (data_keys.key_group <> 'EMERGENCY' OR data_keys.referral_id = opened.id)));
CREATE POLICY emergency_seals ON data_keys FOR INSERT WITH CHECK (key_group = 'EMERGENCY' AND EXISTS (
  SELECT FROM emergency_accesses opened WHERE opened.id = data_keys.referral_id AND opened.client_id = data_keys.client_id
    AND opened.organization_id = (SELECT vereda_organization()) AND opened.opened_by = (SELECT vereda_subject())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON data_keys FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'client_id', 'referral_id', 'key_group', 'sealed_at', 'shredded_at');
-- What a legal hold has sealed is nobody's to read, whoever could before (R24).
CREATE POLICY sealed ON data_keys AS RESTRICTIVE FOR SELECT USING (sealed_at IS NULL OR vereda_has_scope('system'));
