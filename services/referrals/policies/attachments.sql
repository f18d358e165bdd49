-- Documents that go with a referral.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['attachments', 'attachment_parts']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- The other side sees what was scanned and is not privileged (R15); whose it is, how far it is.
CREATE POLICY either_side ON attachments FOR SELECT USING (
  (organization_id = (SELECT vereda_organization()) OR (state = 'READY' AND data_class <> 'LEGAL_PRIVILEGED'))
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY author_starts ON attachments FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND state = 'RECEIVING' AND scan = 'PENDING'
  AND started_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY author_closes ON attachments FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) AND state = 'RECEIVING')
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND state IN ('RECEIVING', 'QUARANTINED'));
-- Whether it is ready the scanner says, which is the system's.
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON attachments FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'referral_id', 'author', 'data_class', 'kind', 'name_sealed', 'scan', 'started_at');

CREATE POLICY with_attachment ON attachment_parts FOR SELECT
  USING (EXISTS (SELECT FROM attachments WHERE attachments.id = attachment_id));
CREATE POLICY author_sends ON attachment_parts FOR INSERT WITH CHECK (EXISTS (
  SELECT FROM attachments WHERE attachments.id = attachment_id AND attachments.state = 'RECEIVING'
    AND attachments.organization_id = (SELECT vereda_organization())));
CREATE POLICY author_cleans ON attachment_parts FOR DELETE USING (EXISTS (
  SELECT FROM attachments WHERE attachments.id = attachment_id AND attachments.state = 'RECEIVING'
    AND attachments.organization_id = (SELECT vereda_organization())));
