-- Only the authorization server itself (scope `system`, never in a token) registers clients and gives or revokes
-- tokens. An organisation may read its own.

ALTER TABLE oauth_clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_clients FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS server ON oauth_clients;
CREATE POLICY server ON oauth_clients USING ((SELECT vereda_has_scope('system')));
DROP POLICY IF EXISTS own ON oauth_clients;
CREATE POLICY own ON oauth_clients FOR SELECT USING (organization_id = (SELECT vereda_organization()));

ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_tokens FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS server ON access_tokens;
CREATE POLICY server ON access_tokens USING ((SELECT vereda_has_scope('system')));
DROP POLICY IF EXISTS own ON access_tokens;
CREATE POLICY own ON access_tokens FOR SELECT USING (organization_id = (SELECT vereda_organization()));
