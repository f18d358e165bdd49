-- Applications to cohorts, the rubric that they are judged by, and what reviewers said.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['selection_rubrics', 'cohort_applications', 'selection_reviews']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

-- What one will be judged by can be read before one applies. It is not changed after somebody was judged by it.
CREATE POLICY members_read ON selection_rubrics FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY host_publishes ON selection_rubrics FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM cohorts c WHERE c.id = cohort_id AND c.organization_id = (SELECT vereda_organization())));
CREATE POLICY host_changes ON selection_rubrics FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE FUNCTION rubric_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND (NEW.cohort_id <> OLD.cohort_id OR NEW.organization_id <> OLD.organization_id
    OR EXISTS (SELECT FROM cohort_applications a JOIN selection_reviews r ON r.application_id = a.id
      WHERE a.cohort_id = OLD.cohort_id)) THEN
    RAISE insufficient_privilege USING MESSAGE = 'a rubric may not be changed once somebody was judged by it';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER rubric_is_kept BEFORE UPDATE ON selection_rubrics FOR EACH ROW EXECUTE FUNCTION rubric_is_kept();

-- An application is known to the host and to who brought the client; either hands it in, the host decides.
CREATE POLICY host_or_sponsor ON cohort_applications FOR SELECT
  USING (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()));
CREATE POLICY host_or_sponsor_applies ON cohort_applications FOR INSERT WITH CHECK (
  (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()))
  AND state = 'APPLIED' AND participant_id IS NULL
  AND EXISTS (SELECT FROM cohorts c WHERE c.id = cohort_id AND c.organization_id = cohort_applications.organization_id
    AND c.status IN ('OPEN', 'RUNNING')));
CREATE POLICY host_or_sponsor_changes ON cohort_applications FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON cohort_applications FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'cohort_id', 'host_handle', 'sponsor_id', 'sponsor_handle', 'consent_id',
  'consent_expires_at', 'applied_at');
-- Nobody is chosen before two have judged, whoever writes; a sponsor takes back what it handed in, and no more.
CREATE OR REPLACE FUNCTION two_judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF vereda_has_scope('system') OR NEW.state = OLD.state OR NEW.state = 'WITHDRAWN' THEN
    RETURN NEW;
  END IF;
  IF vereda_organization() <> OLD.organization_id THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the host to say';
  END IF;
  IF (SELECT count(*) FROM selection_reviews r WHERE r.application_id = OLD.id AND r.scores IS NOT NULL) < 2 THEN
    RAISE insufficient_privilege USING MESSAGE = 'two reviewers have to judge first';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER two_judge BEFORE UPDATE ON cohort_applications FOR EACH ROW EXECUTE FUNCTION two_judge();

-- Reviews stay inside the host. Each is in the name of who is signed in, and stays as it was given.
CREATE POLICY host_reads ON selection_reviews FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY reviewer_judges ON selection_reviews FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND reviewer = (SELECT vereda_subject())
  AND EXISTS (SELECT FROM cohort_applications a WHERE a.id = application_id AND a.state = 'APPLIED'
    AND a.organization_id = (SELECT vereda_organization())));

-- Who waited and is given a seat that became free was chosen.
CREATE OR REPLACE FUNCTION application_follows() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE cohort_applications SET state = NEW.status, version = version + 1, updated_at = now()
    WHERE participant_id = NEW.id AND state = 'WAITLISTED';
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER application_follows AFTER UPDATE ON participants FOR EACH ROW
  WHEN (OLD.status = 'WAITLISTED' AND NEW.status IN ('ADMITTED', 'WITHDRAWN')) EXECUTE FUNCTION application_follows();
