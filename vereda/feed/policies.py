"""What Postgres holds to of the feed: everybody reads their own, and nobody writes in one."""

from __future__ import annotations

from typing import Final

#: Notified when an event waits for its place (below), and when a feed has grown, with the organisation whose it is.
WAITING: Final = "vereda_feed_waiting"
GROWN: Final = "vereda_feed_grown"

#: Of the tables that services have from the kernel; see `vereda.migrations`.
FEED_POLICIES: Final = """
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['feed_queue', 'feed_entries', 'feed_heads']
  LOOP
    PERFORM vereda_protect(t);
    EXECUTE format('CREATE POLICY loaders ON %I TO CURRENT_USER USING (vereda_has_scope(''system''))', t);
  END LOOP;
END $$;
CREATE POLICY loaders_read ON outbox_events FOR SELECT TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY loaders_forget ON outbox_events FOR DELETE TO CURRENT_USER USING (vereda_has_scope('system'));
CREATE POLICY own ON feed_entries FOR SELECT USING (organization_id = (SELECT vereda_organization()));
CREATE POLICY own ON feed_heads FOR SELECT USING (organization_id = (SELECT vereda_organization()));

-- What is written waits for its place. As the owner: nobody else may touch the queue.
CREATE OR REPLACE FUNCTION feed_queues() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO feed_queue (event_sequence) SELECT sequence FROM added ON CONFLICT DO NOTHING;
  NOTIFY vereda_feed_waiting;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER feed_queues AFTER INSERT ON outbox_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION feed_queues();
"""
