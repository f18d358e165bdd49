-- When a cohort meets, and who was there.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['training_sessions', 'attendance_marks']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
    EXECUTE format('CREATE POLICY owner_changes ON %I FOR UPDATE USING (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;
END $$;

-- When a course meets is part of what is offered: every member reads it. Its host keeps it.
CREATE POLICY members_read ON training_sessions FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY owner_adds ON training_sessions FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM cohorts c WHERE c.id = cohort_id AND c.organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON training_sessions FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'cohort_id');

-- Who was there is between a participant and the host: who brought them learns how it goes from their status.
CREATE POLICY host_reads ON attendance_marks FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY host_marks ON attendance_marks FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM training_sessions s WHERE s.id = session_id AND s.cohort_id = attendance_marks.cohort_id
    AND s.organization_id = (SELECT vereda_organization()))
  AND EXISTS (SELECT FROM participants p WHERE p.id = participant_id AND p.cohort_id = attendance_marks.cohort_id
    AND p.organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON attendance_marks FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'session_id', 'participant_id', 'organization_id', 'cohort_id');
