-- What was published of grants: read by every member, written by the system, and never changed.
SELECT vereda_protect('published_grants');
CREATE POLICY loaders ON published_grants TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY members_read ON published_grants FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON published_grants FOR EACH ROW EXECUTE FUNCTION append_only();

SELECT vereda_protect('published_outcomes');
CREATE POLICY loaders ON published_outcomes TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY members_read ON published_outcomes FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON published_outcomes FOR EACH ROW EXECUTE FUNCTION append_only();
