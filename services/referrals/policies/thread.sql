-- What both sides of a referral write to each other.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['messages', 'message_reads']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- Both sides see what is written, until it expires; what is privileged, the author's organisation alone (R15).
CREATE POLICY either_side ON messages FOR SELECT USING (
  expires_at > now()
  AND (organization_id = (SELECT vereda_organization()) OR NOT privileged)
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));
CREATE POLICY author_writes ON messages FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND written_at > now() - interval '5 minutes'
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id));

CREATE POLICY own_marks ON message_reads FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY reader_marks ON message_reads FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (SELECT FROM messages WHERE messages.id = message_id));
