-- Only the authorization server itself (scope `system`, never in a token) registers clients and people, and gives or
-- revokes tokens. An organisation may read what is its own, and of what administration is about only its administrators
-- and auditors; secrets of people and codes nobody but the server.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['oauth_clients', 'access_tokens', 'token_families', 'authorization_codes', 'refresh_tokens',
    'seen_tokens', 'client_grants', 'people', 'memberships', 'passkeys', 'recovery_codes', 'sessions', 'invitations',
    'sign_in_failures', 'security_events', 'trusted_documents', 'rate_buckets', 'sign_ins', 'passkey_challenges', 'organization_names']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY server ON %I TO CURRENT_USER USING ((SELECT vereda_has_scope(''system'')))', t);
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
