-- Blind review: rubrics that members read, and reviews that are the funder's own.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['rubric_criteria', 'grant_reviews']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY members_read ON rubric_criteria FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY owner_adds ON rubric_criteria FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM funding_programs p WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization())));

CREATE POLICY funder_reads ON grant_reviews FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY funder_assigns ON grant_reviews FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND state = 'ASSIGNED'
  AND EXISTS (SELECT FROM grant_applications a WHERE a.id = application_id
    AND a.funder_id = (SELECT vereda_organization()) AND a.state IN ('SCREENING', 'UNDER_REVIEW')));
-- A review is its reviewer's: nobody scores, or withdraws, in the name of another; and once.
CREATE POLICY reviewer_answers ON grant_reviews FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) AND reviewer = (SELECT vereda_subject()) AND state = 'ASSIGNED')
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND reviewer = (SELECT vereda_subject()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON grant_reviews FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'application_id', 'reviewer', 'seat', 'created_at');

-- An award of a program with a rubric stands on two reviews, whoever writes it.
CREATE OR REPLACE FUNCTION award_is_reviewed() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM rubric_criteria c JOIN funding_rounds r ON r.program_id = c.program_id WHERE r.id = NEW.round_id)
    AND (SELECT count(*) FROM grant_reviews g WHERE g.application_id = NEW.application_id AND g.state = 'SUBMITTED') < 2 THEN
    RAISE check_violation USING CONSTRAINT = 'award_after_reviews', MESSAGE = 'two reviews come before an award';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER award_is_reviewed AFTER INSERT ON awards FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION award_is_reviewed();

-- Who had a part does not judge (domain/reviewing.py, `may_judge`): neither who applied with the person, nor who advised them,
-- nor who acts for the organisation that applies. The funder sees none of that, and so it is asked by what works as the owner,
-- on the act itself: a part that somebody took after they were assigned counts as well.
CREATE OR REPLACE FUNCTION had_a_part(of_application uuid, who text) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM grant_applications a WHERE a.id = of_application AND (
      EXISTS (SELECT FROM application_events e
        WHERE e.organization_id = a.organization_id AND e.side = 'APPLICANT' AND e.actor = who)
      OR EXISTS (SELECT FROM assistance_contacts c WHERE c.organization_id = a.organization_id AND c.advisor = who)))
    OR EXISTS (SELECT FROM grant_applications a
      JOIN participants p ON p.sponsor_handle IN (a.applicant_handle, a.funder_handle)
        OR p.host_handle IN (a.applicant_handle, a.funder_handle)
      WHERE a.id = of_application AND (
        EXISTS (SELECT FROM assistance_contacts c WHERE c.participant_id = p.id AND c.advisor = who)
        OR EXISTS (SELECT FROM milestones m WHERE m.participant_id = p.id AND m.recorded_by = who)
        OR EXISTS (SELECT FROM follow_ups f WHERE f.participant_id = p.id AND f.answered_by = who)))
$$;
CREATE OR REPLACE FUNCTION reviewer_is_apart() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state <> 'RECUSED' AND had_a_part(NEW.application_id, NEW.reviewer) THEN
    RAISE check_violation USING CONSTRAINT = 'reviewer_apart', MESSAGE = 'who had a part in it does not judge it';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER reviewer_is_apart AFTER INSERT OR UPDATE ON grant_reviews FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION reviewer_is_apart();
CREATE OR REPLACE FUNCTION decider_is_apart() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF had_a_part(NEW.application_id, vereda_subject()) THEN
    RAISE check_violation USING CONSTRAINT = 'decider_apart', MESSAGE = 'who had a part in it does not decide on it';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER decider_is_apart AFTER INSERT ON awards FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION decider_is_apart();
