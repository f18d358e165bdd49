-- Who may touch which row of the directory. Applied as a whole at start, by its digest.
-- The directory is read by every member of the network; each organisation writes only what is its own.
-- `system` is the scope of our own loaders (import, demo); it is never issued to a client.

-- What a record hangs on must be of the same organisation; a service may be offered at a place that others share.
CREATE OR REPLACE FUNCTION own_service(owner uuid, service uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT service IS NULL OR EXISTS (SELECT FROM services WHERE id = service AND organization_id = owner) $$;
CREATE OR REPLACE FUNCTION own_location(owner uuid, place uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT place IS NULL OR EXISTS (SELECT FROM locations WHERE id = place AND organization_id = owner) $$;
CREATE OR REPLACE FUNCTION usable_location(owner uuid, place uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM locations WHERE id = place
     AND (organization_id = owner OR visibility IN ('PUBLIC', 'PARTNERS'))) $$;
CREATE OR REPLACE FUNCTION own_practitioner(owner uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM practitioners WHERE id = person AND organization_id = owner) $$;

CREATE OR REPLACE FUNCTION own_credentials(owner uuid, recognition uuid, accreditation uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT (recognition IS NULL OR EXISTS (SELECT FROM recognitions WHERE id = recognition AND organization_id = owner))
     AND (accreditation IS NULL OR EXISTS (SELECT FROM accreditations WHERE id = accreditation AND organization_id = owner)) $$;
CREATE OR REPLACE FUNCTION own_application(owner uuid, application uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM ra_applications WHERE id = application AND organization_id = owner) $$;

CREATE OR REPLACE FUNCTION may_write(owner uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT vereda_has_scope('system') OR owner = vereda_organization() $$;

DO $$
DECLARE
  shared text;
  -- What each table's rows hang on, as a condition on the row.
  parts CONSTANT jsonb := jsonb_build_object(
    'services_at_locations', 'own_service(organization_id, service_id) AND usable_location(organization_id, location_id)',
    'contacts', 'own_service(organization_id, service_id) AND own_location(organization_id, location_id)',
    'phones', 'own_service(organization_id, service_id) AND own_location(organization_id, location_id)',
    'schedules', 'own_service(organization_id, service_id) AND own_location(organization_id, location_id)',
    'language_offers', 'own_service(organization_id, service_id) AND own_location(organization_id, location_id)',
    'service_areas', 'own_service(organization_id, service_id)',
    'capacity_reports', 'own_service(organization_id, service_id)',
    'eligibility_rules', 'own_service(organization_id, service_id)',
    'accreditations', 'own_practitioner(organization_id, practitioner_id)');
BEGIN
  FOREACH shared IN ARRAY ARRAY['programs', 'locations', 'services', 'services_at_locations', 'contacts', 'phones',
    'schedules', 'service_areas', 'language_offers', 'capacity_reports', 'eligibility_rules', 'practitioners', 'recognitions',
    'accreditations', 'workshops']
  LOOP
    PERFORM vereda_protect(shared);
    EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL)', shared);
    EXECUTE format('CREATE POLICY owner_adds ON %I FOR INSERT WITH CHECK (may_write(organization_id) AND '
      '((SELECT vereda_has_scope(''system'')) OR %s))', shared, coalesce(parts ->> shared, 'true'));
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (may_write(organization_id)) WITH CHECK '
      '(may_write(organization_id) AND ((SELECT vereda_has_scope(''system'')) OR %s))', shared, coalesce(parts ->> shared, 'true'));
    EXECUTE format('CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION '
      'vereda_keep(''id'', ''organization_id'')', shared);
    EXECUTE format('CREATE POLICY owner_removes ON %I FOR DELETE USING (may_write(organization_id))', shared);
  END LOOP;
END $$;

-- An organisation is its own owner; a new one is let in by the network's coordinator.
SELECT vereda_protect('organizations');
CREATE POLICY members_read ON organizations FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY coordinator_adds ON organizations FOR INSERT
  WITH CHECK ((SELECT vereda_has_scope('system')) OR (SELECT vereda_has_scope('admin:network')));
CREATE POLICY owner_changes ON organizations FOR UPDATE USING (may_write(id));

-- Whom an organisation trusts, it says itself, and both of them know.
SELECT vereda_protect('trusted_partners');
CREATE POLICY loaders ON trusted_partners TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE POLICY both_know ON trusted_partners FOR SELECT USING ((SELECT vereda_organization()) IN (organization_id, trusted_id));
CREATE POLICY owner_trusts ON trusted_partners FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
CREATE POLICY owner_takes_back ON trusted_partners FOR DELETE USING (organization_id = (SELECT vereda_organization()));

-- An address is seen as its place's visibility says (R17): of a TRUSTED place by those whom its owner trusts as well.
SELECT vereda_protect('addresses');
CREATE POLICY by_visibility ON addresses FOR SELECT USING (
  organization_id = (SELECT vereda_organization())
  OR (SELECT vereda_has_scope('system'))
  OR ((SELECT vereda_organization()) IS NOT NULL AND EXISTS (
    SELECT FROM locations WHERE locations.id = addresses.location_id AND (
      locations.visibility IN ('PUBLIC', 'PARTNERS')
      OR (locations.visibility = 'TRUSTED' AND EXISTS (
        SELECT FROM trusted_partners WHERE trusted_partners.organization_id = locations.organization_id
          AND trusted_partners.trusted_id = (SELECT vereda_organization())))))));
CREATE POLICY owner_adds ON addresses FOR INSERT WITH CHECK (
  may_write(organization_id) AND ((SELECT vereda_has_scope('system')) OR own_location(organization_id, location_id)));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON addresses FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'location_id');
CREATE POLICY owner_changes ON addresses FOR UPDATE USING (may_write(organization_id));
CREATE POLICY owner_removes ON addresses FOR DELETE USING (may_write(organization_id));

-- What each source says of a record is known to whoever may know the record; of a place that is kept back, to its owner.
CREATE OR REPLACE FUNCTION owns_record(owner uuid, subject uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT owner = subject OR EXISTS (SELECT FROM services WHERE id = subject AND organization_id = owner)
     OR EXISTS (SELECT FROM locations WHERE id = subject AND organization_id = owner) $$;
SELECT vereda_protect('record_sources');
CREATE POLICY loaders ON record_sources TO CURRENT_USER USING (true);
CREATE POLICY members_read ON record_sources FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL AND (
  kind <> 'LOCATION' OR organization_id = (SELECT vereda_organization())
  OR EXISTS (SELECT FROM locations WHERE id = subject_id AND visibility IN ('PUBLIC', 'PARTNERS'))));
CREATE POLICY owner_says ON record_sources FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND source = 'OWNER' AND owns_record(organization_id, subject_id));
CREATE POLICY owner_says_again ON record_sources FOR UPDATE
  USING (organization_id = (SELECT vereda_organization()) AND source = 'OWNER')
  WITH CHECK (organization_id = (SELECT vereda_organization()) AND source = 'OWNER');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON record_sources FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'subject_id', 'source', 'kind', 'organization_id');

-- A proposal is between who makes it and whose record it is about: the one takes it back, the other decides, once.
SELECT vereda_protect('change_proposals');
CREATE POLICY loaders ON change_proposals TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE POLICY both_sides ON change_proposals FOR SELECT USING ((SELECT vereda_organization()) IN (organization_id, owner_id));
CREATE POLICY anybody_proposes ON change_proposals FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND state = 'OPEN' AND owner_id <> organization_id AND owns_record(owner_id, subject_id));
CREATE POLICY both_change ON change_proposals FOR UPDATE USING ((SELECT vereda_organization()) IN (organization_id, owner_id));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON change_proposals FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'owner_id', 'kind', 'subject_id', 'was', 'proposed', 'note', 'created_at');
CREATE OR REPLACE FUNCTION proposal_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND (OLD.state <> 'OPEN' OR vereda_organization() <>
    CASE NEW.state WHEN 'WITHDRAWN' THEN OLD.organization_id ELSE OLD.owner_id END)
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side of the proposal, or for nobody any more';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER proposal_ends BEFORE UPDATE ON change_proposals FOR EACH ROW EXECUTE FUNCTION proposal_ends();

-- That an owner was reminded is the system's own book-keeping.
SELECT vereda_protect('record_reminders');
CREATE POLICY loaders ON record_reminders TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

SELECT vereda_protect('taxonomy_terms');
CREATE POLICY members_read ON taxonomy_terms FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders_write ON taxonomy_terms TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

SELECT vereda_protect('taxonomies');
CREATE POLICY members_read ON taxonomies FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders_write ON taxonomies TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

-- What referrals stated of a service: written by the system alone, once its signature was checked, whoever brought it.
SELECT vereda_protect('service_standings');
CREATE POLICY members_read ON service_standings FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders ON service_standings TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

-- Counts of unmet need are nobody's to read: they leave the service suppressed, or not at all (R31).
SELECT vereda_protect('unmet_needs');
CREATE POLICY loaders ON unmet_needs TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

-- How far an application for recognition or accreditation is, is seen by its organisation and the network's coordinator.
DO $$
DECLARE
  shared text;
  parts CONSTANT jsonb := jsonb_build_object(
    'ra_applications', '(practitioner_id IS NULL OR own_practitioner(organization_id, practitioner_id)) AND '
      'own_location(organization_id, location_id) AND own_credentials(organization_id, recognition_id, accreditation_id)',
    'ra_checklist_items', 'own_application(organization_id, application_id)');
BEGIN
  FOREACH shared IN ARRAY ARRAY['ra_applications', 'ra_checklist_items']
  LOOP
    PERFORM vereda_protect(shared);
    EXECUTE format('CREATE POLICY owner_and_coordinator_read ON %I FOR SELECT USING (may_write(organization_id) OR '
      '(SELECT vereda_has_scope(''admin:network'')))', shared);
    EXECUTE format('CREATE POLICY owner_adds ON %I FOR INSERT WITH CHECK (may_write(organization_id) AND '
      '((SELECT vereda_has_scope(''system'')) OR %s))', shared, parts ->> shared);
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (may_write(organization_id)) WITH CHECK '
      '(may_write(organization_id) AND ((SELECT vereda_has_scope(''system'')) OR %s))', shared, parts ->> shared);
  END LOOP;
END $$;
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON ra_applications FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'form', 'purpose', 'practitioner_id', 'location_id');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON ra_checklist_items FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'organization_id', 'application_id', 'item');
CREATE POLICY owner_removes ON ra_checklist_items FOR DELETE USING (may_write(organization_id));

-- That somebody was reminded is the system's own book-keeping: no organisation can silence a reminder, or see another's.
SELECT vereda_protect('credential_reminders');
CREATE POLICY loaders ON credential_reminders TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

-- Shifts of workshops are their host's to set up, and every member's to read: who is still wanted is no secret.
CREATE OR REPLACE FUNCTION own_workshop(owner uuid, workshop uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM workshops WHERE id = workshop AND organization_id = owner) $$;
CREATE OR REPLACE FUNCTION own_shift(owner uuid, shift uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM workshop_shifts WHERE id = shift AND organization_id = owner) $$;
SELECT vereda_protect('workshop_shifts');
CREATE POLICY loaders ON workshop_shifts TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE POLICY members_read ON workshop_shifts FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY host_adds ON workshop_shifts FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND filled = 0 AND own_workshop(organization_id, workshop_id));
CREATE POLICY host_changes ON workshop_shifts FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON workshop_shifts FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'workshop_id', 'role', 'language', 'filled', 'created_at');

-- A request for volunteers is between its host and the partner that is asked.
SELECT vereda_protect('volunteer_requests');
CREATE POLICY loaders ON volunteer_requests TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE POLICY either_side ON volunteer_requests FOR SELECT
  USING ((SELECT vereda_organization()) IN (organization_id, asked_id));
CREATE POLICY host_asks ON volunteer_requests FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND own_shift(organization_id, shift_id)
  AND EXISTS (SELECT FROM organizations WHERE organizations.id = asked_id));
CREATE POLICY either_side_answers ON volunteer_requests FOR UPDATE
  USING ((SELECT vereda_organization()) IN (organization_id, asked_id));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON volunteer_requests FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'shift_id', 'asked_id', 'people', 'created_at');
-- What is asked, the one side answers and the other takes back; what was answered stays so.
CREATE OR REPLACE FUNCTION each_side_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE by_whom uuid := CASE NEW.state WHEN 'WITHDRAWN' THEN OLD.organization_id ELSE OLD.asked_id END;
BEGIN
  IF NOT vereda_has_scope('system') AND NEW.state IS DISTINCT FROM OLD.state
    AND (OLD.state <> 'ASKED' OR vereda_organization() <> by_whom)
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side of the request to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER each_side_says BEFORE UPDATE ON volunteer_requests FOR EACH ROW EXECUTE FUNCTION each_side_says();

-- Who comes is for the partner that sends them to say, of its own people alone.
SELECT vereda_protect('volunteers');
CREATE POLICY loaders ON volunteers TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE POLICY members_read ON volunteers FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY partner_sends ON volunteers FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND state = 'COMING'
  AND (practitioner_id IS NULL OR own_practitioner(organization_id, practitioner_id)));
CREATE POLICY partner_withdraws ON volunteers FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON volunteers FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'shift_id', 'request_id', 'practitioner_id', 'created_at');

-- Somebody who comes fills a place of the shift, somebody who withdraws gives it back. The count belongs to the act, and
-- the table's own check refuses the place that there is not: whoever accepts at once waits for the row.
CREATE OR REPLACE FUNCTION place_filled() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  change integer := (NEW.state = 'COMING')::integer
    - CASE TG_OP WHEN 'UPDATE' THEN (OLD.state = 'COMING')::integer ELSE 0 END;
BEGIN
  IF change <> 0 THEN
    UPDATE workshop_shifts SET filled = filled + change WHERE id = NEW.shift_id;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER place_filled AFTER INSERT OR UPDATE OF state ON volunteers FOR EACH ROW EXECUTE FUNCTION place_filled();
-- What search reads. The system's own: the policy has no condition, because under one an index of words cannot be used
-- (its operators are not leakproof). Nobody else has any right to the first two; synonyms name nobody and are for all.
SELECT vereda_protect('service_documents');
CREATE POLICY loaders ON service_documents TO CURRENT_USER USING (true);
SELECT vereda_protect('search_words');
CREATE POLICY loaders ON search_words TO CURRENT_USER USING (true);
SELECT vereda_protect('search_synonyms');
CREATE POLICY members_read ON search_synonyms FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders ON search_synonyms TO CURRENT_USER USING (true);
-- How the directory stood at each month's end: written once by a round, of what every member reads anyway (unmet needs: R31).
SELECT vereda_protect('region_snapshots');
CREATE POLICY members_read ON region_snapshots FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders ON region_snapshots TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON region_snapshots FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'month', 'stock', 'unmet', 'taken_at');

-- What the region means to reach is the coordinator's to say, once more when it changes, and everybody's to read.
SELECT vereda_protect('region_targets');
CREATE POLICY members_read ON region_targets FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY coordinator_adds ON region_targets FOR INSERT WITH CHECK (
  (SELECT vereda_has_scope('admin:network')) AND organization_id = (SELECT vereda_organization()));
CREATE POLICY loaders ON region_targets TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON region_targets FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'measure', 'year', 'county', 'version', 'value', 'set_at');

-- Against how many people representatives are counted is everybody's to read, and set by the system for the coordinator.
SELECT vereda_protect('population_figures');
CREATE POLICY members_read ON population_figures FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders ON population_figures TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

-- Nobody confirms a credential of their own: who else looked is entered by the system alone, and what its owner changes
-- afterwards nobody has looked at.
CREATE OR REPLACE FUNCTION confirmed_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF vereda_has_scope('system') THEN
    RETURN NEW;
  END IF;
  IF NEW.confirmed_on IS DISTINCT FROM (CASE TG_OP WHEN 'UPDATE' THEN OLD.confirmed_on END)
    OR NEW.confirmed_by IS DISTINCT FROM (CASE TG_OP WHEN 'UPDATE' THEN OLD.confirmed_by END)
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'a credential is confirmed by others than its owner';
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.granted_on, NEW.expires_on, NEW.status, NEW.ended_on)
    IS DISTINCT FROM (OLD.granted_on, OLD.expires_on, OLD.status, OLD.ended_on)
  THEN
    NEW.confirmed_on := NULL;
    NEW.confirmed_by := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER confirmed_by_others BEFORE INSERT OR UPDATE ON recognitions
  FOR EACH ROW EXECUTE FUNCTION confirmed_by_others();
CREATE OR REPLACE TRIGGER confirmed_by_others BEFORE INSERT OR UPDATE ON accreditations
  FOR EACH ROW EXECUTE FUNCTION confirmed_by_others();
