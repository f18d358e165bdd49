-- Money: what is promised, paid, receipted and returned. The sums are kept here, under the lock of the row that has them, so
-- that they hold whoever writes and however many at once. A caller adds a fact (an award, a payment, a receipt, a return); the
-- sums and the ledger follow from it by triggers that work as the owner, and nobody else has a way to them. The triggers come
-- after the insert: who may not add the fact is refused before any of it.

CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = format('%I is append-only', TG_TABLE_NAME);
END $$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['funding_tranches', 'awards', 'disbursements', 'receipts', 'award_returns', 'ledger_entries']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
  -- The funder's own, and of the organisation that helped the person apply.
  FOREACH t IN ARRAY ARRAY['awards', 'disbursements', 'award_returns', 'ledger_entries']
  LOOP
    EXECUTE format('CREATE POLICY funder_or_recipient ON %I FOR SELECT USING (organization_id = (SELECT vereda_organization())'
      ' OR recipient_id = (SELECT vereda_organization()))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['disbursements', 'award_returns']
  LOOP
    EXECUTE format('CREATE POLICY funder_adds ON %1$I FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization())'
      ' AND EXISTS (SELECT FROM awards a WHERE a.id = award_id AND a.organization_id = (SELECT vereda_organization())'
      '   AND a.recipient_id = %1$I.recipient_id))', t);
  END LOOP;
  -- What happened stays what it was, for the system too.
  FOREACH t IN ARRAY ARRAY['disbursements', 'award_returns', 'ledger_entries']
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', t);
  END LOOP;
END $$;

-- A schedule is made with its program, and stays: awards are paid by it.
CREATE POLICY members_read ON funding_tranches FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL);
CREATE POLICY owner_adds ON funding_tranches FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()) AND EXISTS (
  SELECT FROM funding_programs p WHERE p.id = program_id AND p.organization_id = (SELECT vereda_organization())));

CREATE POLICY funder_awards ON awards FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization())
  AND disbursed_cents = 0 AND receipted_cents = 0 AND returned_cents = 0 AND released_cents = 0
  AND EXISTS (SELECT FROM grant_applications a JOIN funding_tiers t ON t.id = a.tier_id
    WHERE a.id = application_id AND a.funder_id = awards.organization_id AND a.organization_id = awards.recipient_id
      AND a.round_id = awards.round_id AND a.funder_handle = awards.participant_handle
      AND a.state = 'APPROVED' AND t.amount_cents = awards.amount_cents));

CREATE POLICY applicant_or_funder ON receipts FOR SELECT USING (
  organization_id = (SELECT vereda_organization()) OR funder_id = (SELECT vereda_organization()));
CREATE POLICY applicant_adds ON receipts FOR INSERT WITH CHECK (
  organization_id = (SELECT vereda_organization()) AND status = 'RECORDED' AND decided_at IS NULL
  AND EXISTS (SELECT FROM awards a WHERE a.id = award_id AND a.recipient_id = (SELECT vereda_organization())
    AND a.organization_id = receipts.funder_id));
-- Who decides on a receipt is who pays; once.
CREATE POLICY funder_decides ON receipts FOR UPDATE USING (
  funder_id = (SELECT vereda_organization()) AND status = 'RECORDED')
  WITH CHECK (funder_id = (SELECT vereda_organization()));
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON receipts FOR EACH ROW EXECUTE FUNCTION vereda_keep(
  'id', 'organization_id', 'funder_id', 'award_id', 'amount_cents', 'spent_for', 'spent_on', 'created_at');

CREATE OR REPLACE FUNCTION enter_in_ledger(of_round uuid, of_award uuid, why text, to_account text, from_account text, cents bigint)
  RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
  INSERT INTO ledger_entries (id, organization_id, recipient_id, round_id, award_id, kind, debit, credit, amount_cents)
  SELECT gen_random_uuid(), r.organization_id, a.recipient_id, r.id, a.id, why, to_account, from_account, cents
  FROM funding_rounds r LEFT JOIN awards a ON a.id = of_award WHERE r.id = of_round AND cents > 0
$$;

CREATE OR REPLACE FUNCTION round_opens() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM enter_in_ledger(NEW.id, NULL, 'ROUND_OPENED', 'BUDGET', 'FUNDS', NEW.budget_cents);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER round_opens AFTER INSERT ON funding_rounds FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION round_opens();

-- The round's own CHECK refuses what its budget does not hold.
CREATE OR REPLACE FUNCTION award_takes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE funding_rounds SET awarded_cents = awarded_cents + NEW.amount_cents WHERE id = NEW.round_id;
  UPDATE grant_applications SET awarded_cents = NEW.amount_cents WHERE id = NEW.application_id;
  PERFORM enter_in_ledger(NEW.round_id, NEW.id, 'AWARDED', 'COMMITTED', 'BUDGET', NEW.amount_cents);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER award_takes AFTER INSERT ON awards FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION award_takes();

CREATE OR REPLACE FUNCTION tranche_pays() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE award awards; rule funding_tranches; before int; paid int;
BEGIN
  SELECT * INTO award FROM awards WHERE id = NEW.award_id FOR UPDATE;
  SELECT t.* INTO rule FROM funding_tranches t JOIN funding_rounds r ON r.program_id = t.program_id
    WHERE r.id = award.round_id AND t.number = NEW.number;
  SELECT coalesce(sum(t.percent), 0) INTO before FROM funding_tranches t
    WHERE t.program_id = rule.program_id AND t.number < NEW.number;
  SELECT count(*) INTO paid FROM disbursements WHERE award_id = award.id AND number < NEW.number;
  IF rule.number IS NULL OR paid <> NEW.number - 1 OR NEW.amount_cents <>
    award.amount_cents * (before + rule.percent) / 100 - award.amount_cents * before / 100 THEN
    RAISE check_violation USING CONSTRAINT = 'tranche_by_schedule', MESSAGE = 'this is not the next tranche of the schedule';
  END IF;
  IF NOT EXISTS (SELECT FROM grant_applications
    WHERE id = award.application_id AND state IN ('AGREEMENT_SIGNED', 'DISBURSING')) THEN
    RAISE check_violation USING CONSTRAINT = 'tranche_under_agreement', MESSAGE = 'there is no agreement to pay under';
  END IF;
  IF award.receipted_cents * 100 < rule.receipts_percent * award.disbursed_cents THEN
    RAISE check_violation USING CONSTRAINT = 'tranche_after_receipts', MESSAGE = 'this tranche waits for receipts';
  END IF;
  UPDATE awards SET disbursed_cents = disbursed_cents + NEW.amount_cents WHERE id = award.id;
  PERFORM enter_in_ledger(award.round_id, award.id, 'DISBURSED', 'ADVANCED', 'COMMITTED', NEW.amount_cents);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tranche_pays AFTER INSERT ON disbursements FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION tranche_pays();

CREATE OR REPLACE FUNCTION receipt_counts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_round uuid;
BEGIN
  UPDATE awards SET receipted_cents = receipted_cents + NEW.amount_cents WHERE id = NEW.award_id RETURNING round_id INTO of_round;
  PERFORM enter_in_ledger(of_round, NEW.award_id, 'RECEIPT_ACCEPTED', 'SPENT', 'ADVANCED', NEW.amount_cents);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipt_counts AFTER UPDATE ON receipts FOR EACH ROW
  WHEN (NOT vereda_has_scope('system') AND OLD.status = 'RECORDED' AND NEW.status = 'ACCEPTED')
  EXECUTE FUNCTION receipt_counts();

CREATE OR REPLACE FUNCTION return_counts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_round uuid;
BEGIN
  UPDATE awards SET returned_cents = returned_cents + NEW.amount_cents WHERE id = NEW.award_id RETURNING round_id INTO of_round;
  UPDATE funding_rounds SET awarded_cents = awarded_cents - NEW.amount_cents WHERE id = of_round;
  PERFORM enter_in_ledger(of_round, NEW.award_id, 'RETURNED', 'BUDGET', 'ADVANCED', NEW.amount_cents);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER return_counts AFTER INSERT ON award_returns FOR EACH ROW
  WHEN (NOT vereda_has_scope('system')) EXECUTE FUNCTION return_counts();

-- What was promised and not paid goes back to the round when an award ends.
CREATE OR REPLACE FUNCTION award_ends() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE award awards; rest bigint;
BEGIN
  SELECT * INTO award FROM awards WHERE application_id = NEW.id FOR UPDATE;
  rest := award.amount_cents - award.disbursed_cents - award.released_cents;
  IF rest > 0 THEN
    UPDATE awards SET released_cents = released_cents + rest WHERE id = award.id;
    UPDATE funding_rounds SET awarded_cents = awarded_cents - rest WHERE id = award.round_id;
    PERFORM enter_in_ledger(award.round_id, award.id, 'RELEASED', 'BUDGET', 'COMMITTED', rest);
  END IF;
  IF NEW.state <> 'RESCINDED' AND award.disbursed_cents <> award.receipted_cents + award.returned_cents THEN
    RAISE check_violation USING CONSTRAINT = 'closed_accounted', MESSAGE = 'what was paid is not accounted for';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER award_ends AFTER UPDATE ON grant_applications FOR EACH ROW
  WHEN (NOT vereda_has_scope('system') AND NEW.state IS DISTINCT FROM OLD.state
    AND NEW.state IN ('RESCINDED', 'CLOSED', 'RETURNED'))
  EXECUTE FUNCTION award_ends();
