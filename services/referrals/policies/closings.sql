-- What came of a workshop is its host's to say, and its host's alone to read: counts of one workshop are small (R31).

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['workshop_closings', 'workshop_tallies']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
    EXECUTE format('CREATE POLICY own_counts ON %I FOR ALL USING (organization_id = (SELECT vereda_organization())) '
      'WITH CHECK (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;
END $$;
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON workshop_closings FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'organization_id', 'workshop_id', 'held_at', 'created_at');
