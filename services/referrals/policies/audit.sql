-- Who was shown a client's record is for the client's home organisation to know, whoever it was shown to (R28). What else
-- of the audit is whose to read, the kernel says (vereda/audit/policies.py).
CREATE POLICY home_accounts ON audit_entries FOR SELECT USING (kind = 'DISCLOSURE' AND EXISTS (
  SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
