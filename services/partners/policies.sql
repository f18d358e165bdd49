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

-- A confidential address is seen by its owner alone (R17).
SELECT vereda_protect('addresses');
CREATE POLICY by_visibility ON addresses FOR SELECT USING (
  organization_id = (SELECT vereda_organization())
  OR (SELECT vereda_has_scope('system'))
  OR ((SELECT vereda_organization()) IS NOT NULL AND EXISTS (
    SELECT FROM locations WHERE locations.id = addresses.location_id AND locations.visibility IN ('PUBLIC', 'PARTNERS')
  )));
CREATE POLICY owner_adds ON addresses FOR INSERT WITH CHECK (
  may_write(organization_id) AND ((SELECT vereda_has_scope('system')) OR own_location(organization_id, location_id)));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON addresses FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'location_id');
CREATE POLICY owner_changes ON addresses FOR UPDATE USING (may_write(organization_id));
CREATE POLICY owner_removes ON addresses FOR DELETE USING (may_write(organization_id));

SELECT vereda_protect('taxonomy_terms');
CREATE POLICY members_read ON taxonomy_terms FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY loaders_write ON taxonomy_terms TO CURRENT_USER USING ((SELECT vereda_has_scope('system')));

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
