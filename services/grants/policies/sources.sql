-- Sources of money, what draws on them, and what is passed on to organisations. As with awards, callers add facts, and the sums
-- follow by triggers that work as the owner; the source's own CHECKs refuse what is more than it has, or than its pass-through leaves.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['funding_sources', 'source_draws', 'sub_awards', 'sub_award_amendments', 'deliverables']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['funding_sources', 'source_draws']
  LOOP
    EXECUTE format('CREATE POLICY own ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization()))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['sub_awards', 'sub_award_amendments', 'deliverables']
  LOOP
    EXECUTE format('CREATE POLICY giver_or_recipient ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization())'
      ' OR recipient_id = (SELECT vereda_organization()))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['sub_award_amendments', 'deliverables']
  LOOP
    EXECUTE format('CREATE POLICY giver_adds ON %1$I FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())'
      ' AND EXISTS (SELECT FROM sub_awards s WHERE s.id = sub_award_id AND s.organization_id = (SELECT vereda_organization())'
      '   AND s.recipient_id = %1$I.recipient_id))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['source_draws', 'sub_award_amendments']
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', t);
  END LOOP;
END $$;

CREATE POLICY owner_adds ON funding_sources FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND granted_cents = 0 AND other_cents = 0);
CREATE POLICY owner_adds ON source_draws FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())
  AND EXISTS (SELECT FROM funding_sources s WHERE s.id = source_id AND s.organization_id = (SELECT vereda_organization()))
  AND EXISTS (SELECT FROM funding_rounds r WHERE r.id = round_id AND r.organization_id = (SELECT vereda_organization())));
CREATE POLICY owner_adds ON sub_awards FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND amendments = 0
  AND EXISTS (SELECT FROM funding_sources s WHERE s.id = source_id AND s.organization_id = (SELECT vereda_organization())));

CREATE POLICY both_move ON deliverables FOR UPDATE USING (
  organization_id = (SELECT vereda_organization()) OR recipient_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON deliverables FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'recipient_id', 'sub_award_id', 'name', 'due_on', 'created_at');
CREATE OR REPLACE FUNCTION giver_accepts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT vereda_has_scope('system') AND NEW.state IS DISTINCT FROM OLD.state AND vereda_organization() <> (
    CASE WHEN NEW.state = 'SUBMITTED' THEN OLD.recipient_id ELSE OLD.organization_id END) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for the other side to say';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER giver_accepts BEFORE UPDATE ON deliverables FOR EACH ROW EXECUTE FUNCTION giver_accepts();

CREATE OR REPLACE FUNCTION draw_takes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE budget bigint;
BEGIN
  SELECT budget_cents INTO budget FROM funding_rounds WHERE id = NEW.round_id FOR UPDATE;
  IF (SELECT sum(amount_cents) FROM source_draws WHERE round_id = NEW.round_id) > budget THEN
    RAISE check_violation USING CONSTRAINT = 'draws_within_budget', MESSAGE = 'sources give no more than the budget';
  END IF;
  UPDATE funding_sources SET granted_cents = granted_cents + NEW.amount_cents WHERE id = NEW.source_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER draw_takes AFTER INSERT ON source_draws FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION draw_takes();

CREATE OR REPLACE FUNCTION sub_award_takes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE funding_sources SET other_cents = other_cents + NEW.amount_cents WHERE id = NEW.source_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sub_award_takes AFTER INSERT ON sub_awards FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION sub_award_takes();

CREATE OR REPLACE FUNCTION amendment_changes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_award sub_awards;
BEGIN
  SELECT * INTO of_award FROM sub_awards WHERE id = NEW.sub_award_id FOR UPDATE;
  IF NEW.number <> of_award.amendments + 1 THEN
    RAISE check_violation USING CONSTRAINT = 'amendment_in_order', MESSAGE = 'this is not the next amendment';
  END IF;
  UPDATE sub_awards SET amount_cents = NEW.amount_cents, ends_on = NEW.ends_on, amendments = NEW.number, updated_at = now()
    WHERE id = of_award.id;
  UPDATE funding_sources SET other_cents = other_cents + NEW.amount_cents - of_award.amount_cents WHERE id = of_award.source_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER amendment_changes AFTER INSERT ON sub_award_amendments FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION amendment_changes();
