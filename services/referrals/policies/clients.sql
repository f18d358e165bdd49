-- Who knows a client, and by what handle.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['clients', 'client_handles']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Each organisation has its own handle of a client, and sees no other's (R19).
-- Without a `SELECT` around the function, which elsewhere makes it asked once for a statement: Postgres would take that for
-- a circle.
CREATE POLICY own_handle ON client_handles FOR SELECT USING (organization_id = vereda_organization());
CREATE POLICY home_names ON client_handles FOR INSERT WITH CHECK (
  (SELECT vereda_organization()) IS NOT NULL AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));

-- Whoever has become a referral's recipient by claiming it enters its own handle of the client.
CREATE POLICY recipient_names ON client_handles FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM referrals WHERE referrals.client_id = client_handles.client_id
      AND referrals.recipient_id = (SELECT vereda_organization())));

CREATE POLICY home_keeps ON clients FOR ALL
  USING (home_organization_id = (SELECT vereda_organization())) WITH CHECK (home_organization_id = (SELECT vereda_organization()));
CREATE POLICY handle_opens ON clients FOR SELECT USING (EXISTS (
  SELECT FROM client_handles WHERE client_handles.client_id = clients.id
    AND client_handles.organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'home_organization_id');
