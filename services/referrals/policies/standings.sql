-- How referrals to services were answered, for every member to know: shares of many, and never of a few (R31).
-- It works as the owner, for nobody sees all referrals otherwise; what it gives back is all that there is to have of it.
--
-- accept_rate and median_days are of the 180 days up to the last Monday, and change once a week, so that nobody learns of
-- one referral by asking before and after it. They are told of 11 or more referrals; where another sender could subtract
-- its own and be left with 1 to 10, of none. A rate is rounded to a tenth, and of how many it is, is not said.
-- above_share: the organisation had more than two fifths of the last 30 days' new referrals of the kind.
-- declined_at: the hour of the last of three declined for want of room in ten days: the provider's own word on its room.
-- What survivors were referred to has no part in any of it (R16).
CREATE OR REPLACE FUNCTION service_standings(asked uuid[])
  RETURNS TABLE (service_id uuid, accept_rate double precision, median_days integer, above_share boolean, declined_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH moment AS (
    SELECT date_trunc('week', now(), 'America/Los_Angeles') AS week, date_trunc('day', now(), 'America/Los_Angeles') AS day
  ), answered AS (
    -- Served by ix_referrals_service_id_state.
    SELECT r.service_id, r.sender_id, r.id, r.sent_at,
      r.accepted_at < week AND NOT (r.state = 'DECLINED' AND r.ended_at < week) AS accepted
    FROM referrals r, moment
    WHERE r.service_id = ANY (asked) AND NOT r.survivor AND vereda_organization() IS NOT NULL
      AND r.sent_at >= week - interval '180 days' AND r.sent_at < week
      AND (r.accepted_at < week OR (r.ended_at < week AND (r.state = 'EXPIRED' OR r.state = 'DECLINED'
        AND r.reason NOT IN ('CONFLICT', 'DUPLICATE', 'CLIENT_DECLINED', 'CLIENT_SERVED_ELSEWHERE', 'UNSAFE_TO_CONTACT'))))
  ), answers AS (
    SELECT by_sender.service_id, sum(accepted) AS accepted, sum(n) AS n
    FROM (SELECT a.service_id, count(*) FILTER (WHERE a.accepted) AS accepted, count(*) AS n,
            sum(count(*)) OVER (PARTITION BY a.service_id) AS of_all
          FROM answered a GROUP BY a.service_id, a.sender_id) by_sender
    GROUP BY by_sender.service_id HAVING sum(n) >= 11 AND bool_and(of_all - n = 0 OR of_all - n >= 11)
  ), reached AS (
    SELECT a.service_id, a.sender_id, ceil(extract(epoch FROM first_at - a.sent_at) / 86400)::integer AS days
    FROM answered a, moment, LATERAL (
      SELECT min(at) AS first_at FROM (
        SELECT c.attempted_at AS at FROM contact_attempts c WHERE c.referral_id = a.id AND c.result = 'REACHED'
        UNION ALL
        SELECT e.occurred_at FROM referral_events e WHERE e.referral_id = a.id AND e.to_state IN ('SCHEDULED', 'IN_SERVICE')
      ) contact) first
    WHERE a.accepted AND first_at < week
  ), contacts AS (
    SELECT by_sender.service_id, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY r.days) FROM reached r
        WHERE r.service_id = by_sender.service_id) AS median
    FROM (SELECT r.service_id, count(*) AS n, sum(count(*)) OVER (PARTITION BY r.service_id) AS of_all
          FROM reached r GROUP BY r.service_id, r.sender_id) by_sender
    GROUP BY by_sender.service_id HAVING sum(n) >= 11 AND bool_and(of_all - n = 0 OR of_all - n >= 11)
  ), kinds AS (
    SELECT DISTINCT r.service_id, r.recipient_id, r.category FROM referrals r, moment
    WHERE r.service_id = ANY (asked) AND NOT r.survivor AND r.sent_at >= day - interval '30 days' AND r.sent_at < day
  ), shares AS (
    -- Served by ix_referrals_sent_at.
    SELECT r.category, r.recipient_id, count(*) AS n, sum(count(*)) OVER (PARTITION BY r.category) AS of_all
    FROM referrals r, moment
    WHERE r.category IN (SELECT category FROM kinds) AND NOT r.survivor
      AND r.sent_at >= day - interval '30 days' AND r.sent_at < day
    GROUP BY r.category, r.recipient_id
  ), above AS (
    SELECT DISTINCT k.service_id FROM kinds k JOIN shares s USING (category, recipient_id)
    WHERE s.n >= 11 AND s.n > 0.4 * s.of_all
  ), full_up AS (
    SELECT r.service_id, date_trunc('hour', max(r.ended_at)) AS declined_at FROM referrals r
    WHERE r.service_id = ANY (asked) AND NOT r.survivor AND r.state = 'DECLINED' AND r.reason = 'NO_CAPACITY'
      AND r.ended_at > now() - interval '10 days'
    GROUP BY r.service_id HAVING count(*) >= 3
  )
  SELECT one, round(answers.accepted / answers.n, 1)::double precision, contacts.median,
    above.service_id IS NOT NULL, full_up.declined_at
  FROM unnest(asked) one
    LEFT JOIN answers ON answers.service_id = one LEFT JOIN contacts ON contacts.service_id = one
    LEFT JOIN above ON above.service_id = one LEFT JOIN full_up ON full_up.service_id = one
  WHERE vereda_organization() IS NOT NULL
$$;
