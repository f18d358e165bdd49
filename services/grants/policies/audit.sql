-- Who was shown somebody's seat or application is for the organisation that brought them to know (R28). What else of the audit
-- is whose to read, the kernel says (vereda/audit/policies.py).
CREATE POLICY home_accounts ON audit_entries FOR SELECT USING (kind = 'DISCLOSURE' AND (
  EXISTS (SELECT FROM participants p WHERE p.sponsor_handle = client_id AND p.sponsor_id = (SELECT vereda_organization()))
  OR EXISTS (SELECT FROM cohort_applications a WHERE a.sponsor_handle = client_id AND a.sponsor_id = (SELECT vereda_organization()))
  OR EXISTS (SELECT FROM grant_applications a WHERE a.applicant_handle = client_id
    AND a.organization_id = (SELECT vereda_organization()))));
