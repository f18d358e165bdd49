-- Courses, their cohorts, and who sits in them.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['training_programs', 'cohorts', 'participants']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
  -- What is offered is read by every member and kept by its owner.
  FOREACH t IN ARRAY ARRAY['training_programs', 'cohorts']
  LOOP
    EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL)', t);
    EXECUTE format('CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION vereda_keep('
      '''id'', ''organization_id'', ''program_id'')', t);
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;
END $$;

-- A part belongs to the organisation of its whole.
CREATE POLICY owner_adds ON training_programs FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY owner_adds ON cohorts FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM training_programs p WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization())));

-- A cohort goes the way of domain/cohorts.py, `COHORT_LIFE`, and no other, whoever writes.
CREATE OR REPLACE FUNCTION cohort_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND NEW.status IS DISTINCT FROM OLD.status
    AND (OLD.status, NEW.status) NOT IN (
      ('OPEN', 'RUNNING'), ('OPEN', 'CANCELLED'), ('RUNNING', 'FINISHED'), ('RUNNING', 'CANCELLED')) THEN
    RAISE insufficient_privilege USING MESSAGE = 'a cohort does not go this way';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER cohort_goes_on BEFORE UPDATE ON cohorts FOR EACH ROW EXECUTE FUNCTION cohort_goes_on();

-- A participant is known to the host and to the organisation that brought them. Either may enrol one, after the operation
-- has checked the client's consent, in a cohort that takes people.
CREATE POLICY host_or_sponsor_enrols ON participants FOR INSERT WITH CHECK (
  (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()))
  AND EXISTS (SELECT FROM cohorts c WHERE c.id = cohort_id AND c.organization_id = participants.organization_id
    AND c.status IN ('OPEN', 'RUNNING')));
CREATE POLICY host_or_sponsor ON participants FOR SELECT
  USING (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()));
CREATE POLICY host_or_sponsor_changes ON participants FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) OR sponsor_id = (SELECT vereda_organization()));

CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON participants FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'cohort_id', 'host_handle', 'sponsor_id', 'sponsor_handle', 'consent_id',
  'consent_expires_at', 'enrolled_at');
CREATE OR REPLACE FUNCTION sponsor_withdraws() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND vereda_organization() <> OLD.organization_id
    AND NEW.status IS DISTINCT FROM OLD.status AND NEW.status <> 'WITHDRAWN' THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the host to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sponsor_withdraws BEFORE UPDATE ON participants FOR EACH ROW EXECUTE FUNCTION sponsor_withdraws();

-- Seats are counted where nobody is looked over the shoulder: who brings a client sees only their own in a cohort, and a
-- seat that becomes free goes to somebody whom who gives it up cannot see. So it belongs to the act itself, works as the
-- owner, and there is no other way to it. One change of a cohort's seats at a time: the cohort's row is locked.
CREATE OR REPLACE FUNCTION take_seat() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM cohorts WHERE id = NEW.cohort_id FOR UPDATE;
  IF EXISTS (SELECT FROM participants WHERE cohort_id = NEW.cohort_id AND host_handle = NEW.host_handle) THEN
    RETURN NULL; -- there already: no second row, and no seat
  END IF;
  IF NEW.status = 'WAITLISTED' THEN
    RETURN NEW; -- who is to wait does, though a seat be free
  END IF;
  UPDATE cohorts SET admitted = admitted + 1, updated_at = now() WHERE id = NEW.cohort_id AND admitted < capacity;
  NEW.status := CASE WHEN FOUND THEN 'ADMITTED' ELSE 'WAITLISTED' END;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER take_seat BEFORE INSERT ON participants FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION take_seat();

-- Who waits is admitted where there is a seat, and waits on where there is none. There is no other way to a seat.
CREATE OR REPLACE FUNCTION take_waiting_seat() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE cohorts SET admitted = admitted + 1, updated_at = now() WHERE id = NEW.cohort_id AND admitted < capacity;
  NEW.status := CASE WHEN FOUND THEN 'ADMITTED' ELSE 'WAITLISTED' END;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER take_waiting_seat BEFORE UPDATE ON participants FOR EACH ROW
  WHEN (NOT vereda_has_scope('system') AND OLD.status NOT IN ('ADMITTED', 'ACTIVE', 'COMPLETED')
    AND NEW.status IN ('ADMITTED', 'ACTIVE', 'COMPLETED'))
  EXECUTE FUNCTION take_waiting_seat();

-- A seat that becomes free goes to the next who waits, until three weeks into the course (DOMAIN 4.9).
CREATE OR REPLACE FUNCTION pass_on_seat() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE begins date; stands text; following record;
BEGIN
  UPDATE cohorts SET admitted = admitted - 1, updated_at = now() WHERE id = NEW.cohort_id
    RETURNING starts_on, status INTO begins, stands;
  IF (now() AT TIME ZONE 'UTC')::date > begins + 21 OR stands NOT IN ('OPEN', 'RUNNING') THEN
    RETURN NULL;
  END IF;
  SELECT id, organization_id, sponsor_id INTO following FROM participants
    WHERE cohort_id = NEW.cohort_id AND status = 'WAITLISTED' ORDER BY enrolled_at, id LIMIT 1 FOR UPDATE;
  IF FOUND THEN
    UPDATE cohorts SET admitted = admitted + 1 WHERE id = NEW.cohort_id AND admitted < capacity;
    IF FOUND THEN
      UPDATE participants SET status = 'ADMITTED', version = version + 1, updated_at = now() WHERE id = following.id;
      INSERT INTO outbox_events (id, organization_id, type, subject, audience, data, request_id) VALUES (
        gen_random_uuid(), vereda_organization(), 'org.vereda.participant.admitted', following.id,
        ARRAY[following.organization_id, following.sponsor_id], jsonb_build_object('id', following.id),
        coalesce(current_setting('vereda.request_id', true), '-'));
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pass_on_seat AFTER UPDATE ON participants FOR EACH ROW
  WHEN (NOT vereda_has_scope('system') AND OLD.status IN ('ADMITTED', 'ACTIVE', 'COMPLETED')
    AND NEW.status NOT IN ('ADMITTED', 'ACTIVE', 'COMPLETED'))
  EXECUTE FUNCTION pass_on_seat();
