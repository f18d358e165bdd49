-- Records of one person, linked inside the organisation that has both.

SELECT vereda_protect('client_links');
CREATE POLICY loaders ON client_links TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY own ON client_links FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_unlinks ON client_links FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY home_links ON client_links FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM clients WHERE clients.id = one_id
    AND clients.home_organization_id = (SELECT vereda_organization()))
  AND EXISTS (SELECT FROM clients WHERE clients.id = other_id
    AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON client_links FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'one_id', 'other_id', 'evidence', 'linked_by', 'linked_at');
