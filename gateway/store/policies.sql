-- Only the authorization server itself registers clients and people, and gives or revokes tokens. It answers in the role
-- of requests, under a scope of its own (`authorization-server`: sealed, never in a token, never a client's), and may do
-- to each table what the list says and no more: whoever got a statement into one of its transactions could neither
-- rewrite what happened nor remove whom it is about. An organisation may read what is its own, and of what administration
-- is about only its administrators and auditors; secrets of people and codes nobody but the server.

DO $$
DECLARE
  t text;
  verb text;
  rule text;
  -- Rows that come and go; rows that stay, and change; rows that stay as they were written.
  passing CONSTANT text[] := ARRAY['access_tokens', 'token_families', 'authorization_codes', 'refresh_tokens',
    'seen_tokens', 'pushed_requests', 'client_grants', 'passkeys', 'passkey_challenges', 'recovery_codes', 'sessions', 'sign_ins',
    'invitations', 'letters', 'sign_in_failures', 'trusted_documents', 'rate_buckets'];
  kept CONSTANT text[] := ARRAY['oauth_clients', 'people', 'memberships', 'organization_names'];
  written CONSTANT text[] := ARRAY['security_events'];
BEGIN
  FOREACH t IN ARRAY passing || kept || written LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING ((SELECT vereda_has_scope(''system'')))', t);
    FOREACH verb IN ARRAY ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] LOOP
      CONTINUE WHEN verb = 'UPDATE' AND t = ANY (written) OR verb = 'DELETE' AND NOT t = ANY (passing);
      rule := CASE verb WHEN 'INSERT' THEN 'WITH CHECK' ELSE 'USING' END;
      EXECUTE format('CREATE POLICY %I ON %I FOR %s %s ((SELECT vereda_has_scope(''authorization-server'')))',
        'server_' || lower(verb), t, verb, rule);
    END LOOP;
  END LOOP;

  FOREACH t IN ARRAY ARRAY['access_tokens', 'token_families', 'client_grants', 'sessions', 'organization_names']
  LOOP
    EXECUTE format('CREATE POLICY own ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;

  FOREACH t IN ARRAY ARRAY['oauth_clients', 'memberships', 'trusted_documents', 'security_events']
  LOOP
    EXECUTE format('CREATE POLICY administrators ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization())'
      ' AND (SELECT vereda_has_scope(''admin:organization'') OR vereda_has_scope(''admin:network'')))', t);
  END LOOP;
  CREATE POLICY auditors ON security_events FOR SELECT USING (
    organization_id = (SELECT vereda_organization()) AND (SELECT vereda_has_scope('audit:verify')));
END $$;
