-- Erasing a client, and holding what may not be destroyed.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['erasures', 'legal_holds', 'held_rows', 'legal_demands']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY home_asks ON erasures FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND EXISTS (
    SELECT FROM clients WHERE clients.id = client_id AND clients.home_organization_id = (SELECT vereda_organization())));
CREATE POLICY home_knows ON erasures FOR SELECT USING (organization_id = (SELECT vereda_organization()));

-- Holds and demands are of the organisation that has them to answer for, and of clients whom it knows.
CREATE POLICY own ON legal_holds FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_agrees ON legal_holds FOR UPDATE USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own_proposes ON legal_holds FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND placed_at IS NULL AND EXISTS (
    SELECT FROM client_handles WHERE client_handles.client_id = legal_holds.client_id
      AND client_handles.organization_id = (SELECT vereda_organization())));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON legal_holds FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'client_id', 'reason', 'demand_id', 'proposed_by', 'proposed_part', 'proposed_at');
CREATE POLICY own ON legal_demands USING (organization_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON legal_demands FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'kind', 'served_on', 'clients', 'recorded_by', 'recorded_at');

-- Whether two people have placed a hold that two have not lifted (R24). Of any organisation: who asks for an erasure need
-- not know, and is not told.
CREATE OR REPLACE FUNCTION under_hold(client uuid) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT FROM legal_holds WHERE client_id = client AND placed_at IS NOT NULL AND lifted_at IS NULL) $$;
REVOKE EXECUTE ON FUNCTION under_hold(uuid) FROM PUBLIC;

-- Under a hold a key is not destroyed, whatever would: it is sealed, and nobody but the system finds it any more.
CREATE OR REPLACE FUNCTION held_keys_are_sealed() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF under_hold(OLD.client_id) THEN
    NEW.wrapped := OLD.wrapped;
    NEW.destroyed_at := NULL;
    NEW.sealed_at := coalesce(OLD.sealed_at, now());
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER held_keys_are_sealed BEFORE UPDATE ON data_keys FOR EACH ROW
  WHEN (OLD.wrapped IS NOT NULL AND NEW.wrapped IS NULL) EXECUTE FUNCTION held_keys_are_sealed();

-- And a row that is emptied is kept as it was, where nobody reads it. Arguments: the columns that say so.
CREATE OR REPLACE FUNCTION held_rows_are_kept() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was jsonb := to_jsonb(OLD); now_is jsonb := to_jsonb(NEW); watched text; whose uuid;
BEGIN
  whose := CASE TG_TABLE_NAME WHEN 'clients' THEN OLD.id ELSE (was ->> 'client_id')::uuid END;
  FOREACH watched IN ARRAY TG_ARGV LOOP
    IF was ->> watched IS NOT NULL AND was -> watched IS DISTINCT FROM now_is -> watched AND under_hold(whose) THEN
      INSERT INTO held_rows (id, client_id, table_name, content, held_at)
        VALUES (gen_random_uuid(), whose, TG_TABLE_NAME, was, now());
      RETURN NEW;
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER held_rows_are_kept BEFORE UPDATE ON clients FOR EACH ROW
  EXECUTE FUNCTION held_rows_are_kept('display_name_sealed', 'contacts_sealed');
CREATE OR REPLACE TRIGGER held_rows_are_kept BEFORE UPDATE ON referrals FOR EACH ROW
  EXECUTE FUNCTION held_rows_are_kept('narrative_sealed', 'needs');

-- So is one that is deleted because its time has come: what workers wrote to each other, documents with their parts, and
-- when somebody was expected.
CREATE OR REPLACE FUNCTION held_rows_outlive() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was jsonb := to_jsonb(OLD); whose uuid;
BEGIN
  whose := coalesce((was ->> 'client_id')::uuid, (SELECT client_id FROM referrals WHERE id = coalesce(
    (was ->> 'referral_id')::uuid,
    (SELECT referral_id FROM attachments WHERE id = (was ->> 'attachment_id')::uuid))));
  IF whose IS NOT NULL AND under_hold(whose) THEN
    INSERT INTO held_rows (id, client_id, table_name, content, held_at)
      VALUES (gen_random_uuid(), whose, TG_TABLE_NAME, was, now());
    IF TG_TABLE_NAME = 'attachments' THEN  -- its parts go with it, and know by then of no referral
      INSERT INTO held_rows (id, client_id, table_name, content, held_at)
        SELECT gen_random_uuid(), whose, 'attachment_parts', to_jsonb(p), now() FROM attachment_parts p
        WHERE p.attachment_id = OLD.id;
    END IF;
  END IF;
  RETURN OLD;
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['messages', 'attachments', 'attachment_parts', 'appointments', 'hand_offs', 'household_members']
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER held_rows_outlive BEFORE DELETE ON %I FOR EACH ROW'
      ' EXECUTE FUNCTION held_rows_outlive()', t);
  END LOOP;
END $$;

-- Erasing is one act with the row that says so: consents end, and with them the referrals under way and the keys of what
-- they told; then every other key of the client; then what their rows say beyond handle, county and month (R22).
CREATE OR REPLACE FUNCTION erasure_empties() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM clients WHERE id = NEW.client_id FOR UPDATE;
  UPDATE consents SET revoked_at = NEW.asked_at, revoked_how = 'ERASED' WHERE client_id = NEW.client_id AND revoked_at IS NULL;
  UPDATE data_keys SET wrapped = NULL, destroyed_at = NEW.asked_at
    WHERE client_id = NEW.client_id AND wrapped IS NOT NULL AND sealed_at IS NULL;
  UPDATE referrals SET needs = '{}', category = domain, narrative_sealed = NULL, placer_id_sealed = NULL,
      placer_id_index = NULL, filler_id_sealed = NULL, filler_id_index = NULL, version = version + 1, updated_at = now()
    WHERE client_id = NEW.client_id;
  UPDATE clients SET display_name_sealed = '', contacts_sealed = NULL, safe_hours_sealed = NULL, name_index = '{}', match_index = '{}',
      contact_mode = 'DO_NOT_CONTACT', language = 'und', modality = 'SPOKEN', age_band = NULL, zip3 = NULL,
      erased_at = NEW.asked_at, created_at = date_trunc('month', created_at, 'UTC'),
      updated_at = date_trunc('month', NEW.asked_at, 'UTC'), version = version + 1
    WHERE id = NEW.client_id;
  NEW.done_at := CASE WHEN under_hold(NEW.client_id) THEN NULL ELSE NEW.asked_at END;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER erasure_empties BEFORE INSERT ON erasures FOR EACH ROW EXECUTE FUNCTION erasure_empties();
