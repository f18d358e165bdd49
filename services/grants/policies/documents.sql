-- Documents: the organisation that helps to apply sends them and reads them; of the funder, an application's are for who reviews it
-- and did not recuse themselves, and a receipt's for who pays. Nobody reads what is not scanned, nor anything for another.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['grant_documents', 'grant_document_parts']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY applicant_reads ON grant_documents FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY funder_reads ON grant_documents FOR SELECT USING (
  funder_id = (SELECT vereda_organization()) AND state = 'READY'
  AND EXISTS (SELECT FROM grant_applications a WHERE a.id = application_id AND a.consent_expires_at > now())
  AND CASE WHEN receipt_id IS NOT NULL THEN (SELECT vereda_has_scope('grant:pay'))
    ELSE EXISTS (SELECT FROM grant_reviews r WHERE r.application_id = grant_documents.application_id
      AND r.organization_id = (SELECT vereda_organization()) AND r.reviewer = (SELECT vereda_subject()) AND r.state <> 'RECUSED') END);
CREATE POLICY applicant_starts ON grant_documents FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND state = 'RECEIVING' AND scan = 'PENDING' AND wrapped IS NOT NULL
  AND started_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM grant_applications a WHERE a.id = application_id
    AND a.organization_id = (SELECT vereda_organization()) AND a.funder_id = grant_documents.funder_id
    AND (receipt_id IS NOT NULL OR a.state IN ('DRAFT', 'SUBMITTED', 'SCREENING', 'INFO_REQUESTED')))
  AND (receipt_id IS NULL OR EXISTS (SELECT FROM receipts r JOIN awards w ON w.id = r.award_id
    WHERE r.id = receipt_id AND r.status = 'RECORDED' AND w.application_id = grant_documents.application_id)));
CREATE POLICY applicant_closes ON grant_documents FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) AND state = 'RECEIVING')
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND state IN ('RECEIVING', 'QUARANTINED'));
-- Whether it is ready the scanner says, which is the system's, as is all about its key.
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON grant_documents FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'funder_id', 'application_id', 'receipt_id', 'author', 'kind', 'name_sealed', 'scan', 'started_at',
  'wrapped', 'destroyed_at', 'shredded_at');

CREATE POLICY with_document ON grant_document_parts FOR SELECT
  USING (EXISTS (SELECT FROM grant_documents d WHERE d.id = attachment_id));
CREATE POLICY applicant_sends ON grant_document_parts FOR INSERT WITH CHECK (EXISTS (
  SELECT FROM grant_documents d WHERE d.id = attachment_id AND d.state = 'RECEIVING'
    AND d.organization_id = (SELECT vereda_organization())));
CREATE POLICY applicant_cleans ON grant_document_parts FOR DELETE USING (EXISTS (
  SELECT FROM grant_documents d WHERE d.id = attachment_id AND d.state = 'RECEIVING'
    AND d.organization_id = (SELECT vereda_organization())));

-- An application that is withdrawn, or that leads to nobody any more, has no documents: their keys are destroyed with it, in the
-- same transaction, and the round `shred grants` cuts them out of the keyring (R22).
CREATE OR REPLACE FUNCTION documents_go() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM grant_document_parts p USING grant_documents d WHERE d.id = p.attachment_id AND d.application_id = NEW.id;
  UPDATE grant_documents SET wrapped = NULL, destroyed_at = now(), state = 'REFUSED'
    WHERE application_id = NEW.id AND destroyed_at IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER documents_go AFTER UPDATE ON grant_applications FOR EACH ROW
  WHEN (NEW.state = 'WITHDRAWN' AND OLD.state <> 'WITHDRAWN' OR NEW.unlinked_at IS NOT NULL AND OLD.unlinked_at IS NULL)
  EXECUTE FUNCTION documents_go();
