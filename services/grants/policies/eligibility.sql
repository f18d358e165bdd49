-- What applicants say they meet is read by every member; whoever runs a program publishes the next version of it, and none is changed.

SELECT vereda_protect('eligibility_questionnaires');
CREATE POLICY loaders ON eligibility_questionnaires TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY members_read ON eligibility_questionnaires FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY owner_publishes ON eligibility_questionnaires FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (SELECT FROM funding_programs p
    WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization()) AND p.attestation_version = eligibility_questionnaires.version));
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON eligibility_questionnaires
  FOR EACH ROW EXECUTE FUNCTION append_only();
