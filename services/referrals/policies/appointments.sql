-- When clients are expected, and the seats of workshops.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['appointments', 'workshop_seats', 'published_bookings']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;

CREATE POLICY either_side ON appointments FOR SELECT
  USING ((SELECT vereda_organization()) IN (organization_id, sender_id));
CREATE POLICY either_side_makes ON appointments FOR INSERT WITH CHECK (
  (SELECT vereda_organization()) IN (organization_id, sender_id)
  AND EXISTS (SELECT FROM referrals WHERE referrals.id = referral_id
    AND referrals.sender_id = appointments.sender_id AND referrals.recipient_id = appointments.organization_id
    AND referrals.state IN ('ACCEPTED', 'SCHEDULED')));
CREATE POLICY either_side_changes ON appointments FOR UPDATE
  USING ((SELECT vereda_organization()) IN (organization_id, sender_id));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'sender_id', 'referral_id', 'workshop_id', 'seats_stated', 'stated_at', 'proposed_by',
  'check_in_code', 'created_at');
-- Who came is for the host to say.
CREATE OR REPLACE FUNCTION host_says() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND vereda_organization() <> OLD.organization_id
    AND NEW.status IS DISTINCT FROM OLD.status AND NEW.status IN ('CHECKED_IN', 'NO_SHOW')
  THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side of the referral to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER host_says BEFORE UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION host_says();

-- A booked appointment at a workshop takes a seat, a cancelled one gives it back. The count belongs to the act, and the
-- table's own check refuses the seat that there is not: whoever books at once waits for the row. Of several statements of
-- how many seats there are the newest counts. It works as the owner; there is no other way to a count.
CREATE OR REPLACE FUNCTION seat_taken() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  was boolean := TG_OP = 'UPDATE' AND OLD.status NOT IN ('PROPOSED', 'CANCELLED');
  is_now boolean := NEW.status NOT IN ('PROPOSED', 'CANCELLED');
BEGIN
  IF is_now AND NOT was THEN
    INSERT INTO workshop_seats (workshop_id, organization_id, seats, taken, stated_at)
      VALUES (NEW.workshop_id, NEW.organization_id, NEW.seats_stated, 0, NEW.stated_at)
      ON CONFLICT (workshop_id) DO NOTHING;
    IF EXISTS (SELECT FROM workshop_seats s WHERE s.workshop_id = NEW.workshop_id AND s.called_off) THEN
      RAISE check_violation USING MESSAGE = 'this workshop was called off';
    END IF;
    UPDATE workshop_seats SET taken = taken + 1,
        seats = CASE WHEN NEW.stated_at > stated_at THEN NEW.seats_stated ELSE seats END,
        stated_at = greatest(stated_at, NEW.stated_at)
      WHERE workshop_id = NEW.workshop_id AND organization_id = NEW.organization_id;
    IF NOT FOUND THEN
      RAISE insufficient_privilege USING MESSAGE = 'this workshop is of another organisation: row-level security';
    END IF;
  ELSIF was AND NOT is_now THEN
    UPDATE workshop_seats SET taken = taken - 1 WHERE workshop_id = NEW.workshop_id;
  ELSE
    RETURN NULL;
  END IF;
  INSERT INTO published_bookings (workshop_id, organization_id, taken)
    SELECT s.workshop_id, s.organization_id, CASE WHEN s.taken = 0 OR s.taken > 10 THEN s.taken END
    FROM workshop_seats s WHERE s.workshop_id = NEW.workshop_id
    ON CONFLICT (workshop_id) DO UPDATE SET taken = EXCLUDED.taken;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER seat_taken AFTER INSERT OR UPDATE OF status ON appointments FOR EACH ROW
  WHEN (NEW.workshop_id IS NOT NULL) EXECUTE FUNCTION seat_taken();

CREATE POLICY host_counts ON workshop_seats FOR SELECT USING (organization_id = (SELECT vereda_organization()));
-- What every member may know of how many booked (R31): nobody, fewer than eleven (NULL), or how many.
CREATE POLICY members_see ON published_bookings FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);

-- What is booked anew has been done: where the seat before was lost, nobody is to book another any more.
CREATE OR REPLACE FUNCTION booked_again() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tasks SET closed_at = now() WHERE referral_id = NEW.referral_id AND kind = 'REBOOK' AND closed_at IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER booked_again AFTER INSERT OR UPDATE OF status ON appointments FOR EACH ROW
  WHEN (NEW.status = 'BOOKED') EXECUTE FUNCTION booked_again();

-- How many wrong codes were tried at the door of a workshop is the host's own book-keeping.
SELECT vereda_protect('check_in_tries');
CREATE POLICY loaders ON check_in_tries TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY own_tries ON check_in_tries FOR ALL USING (organization_id = (SELECT vereda_organization()))
  WITH CHECK (organization_id = (SELECT vereda_organization()));
