-- Whom a host is to ask again. A round makes the tasks; the host answers them.

SELECT vereda_protect('follow_ups');
CREATE POLICY loaders ON follow_ups TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY host_reads ON follow_ups FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY host_answers ON follow_ups FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON follow_ups FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'participant_id', 'months', 'due_on');
