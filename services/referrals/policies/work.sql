-- What is still to be done, and how quickly partners answer.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tasks', 'escalations', 'response_limits', 'holidays']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- A task is seen by who has to do it; either side of a referral may give one to the other. What closes them is what
-- becomes of the referral (`moved_on`), and our own rounds.
CREATE POLICY own_tasks ON tasks FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY either_side_opens ON tasks FOR INSERT WITH CHECK (closed_at IS NULL AND EXISTS (
  SELECT FROM referrals WHERE referrals.id = referral_id
    AND tasks.organization_id IN (referrals.sender_id, referrals.recipient_id)));

-- The network's coordinator sees who has not answered, and nothing of the referral: its row is not theirs to see.
CREATE POLICY coordinator_sees ON escalations FOR SELECT USING ((SELECT vereda_has_scope('admin:network')));

-- Everybody reckons with a partner's limits and holidays; the partner sets them.
CREATE POLICY members_see ON response_limits FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY own_limits ON response_limits FOR ALL USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY members_see ON holidays FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY own_holidays ON holidays FOR ALL USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()));
