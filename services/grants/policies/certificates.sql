-- Whoever is shown a code may ask what was completed; there is nothing of a person in the row. A host gives its own, and they stay.

SELECT vereda_protect('certificates');
CREATE POLICY loaders ON certificates TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY members_read ON certificates FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY host_gives ON certificates FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM cohorts c WHERE c.id = cohort_id AND c.organization_id = (SELECT vereda_organization())));
