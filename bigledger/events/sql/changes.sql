-- A transaction that changes books has an id of its own, which its events have and rows that say what they belong to: what
-- was applied, released, voided. So a reader knows which of these came after an event, whatever the events name.
CREATE OR REPLACE FUNCTION events_change() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    found text := current_setting('app.change', true);
BEGIN
    IF COALESCE(found, '') = '' THEN
        found := gen_random_uuid()::text;
        PERFORM set_config('app.change', found, true);
    END IF;
    RETURN found::uuid;
END $$;

-- The changes whose events came after the one of this number. One that the relay has not numbered yet counts with the
-- number that it will have (standing.sql).
CREATE OR REPLACE FUNCTION events_changes_after(standing bigint) RETURNS TABLE (change uuid)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
    head bigint := COALESCE((SELECT seq FROM events_head WHERE tenant_id = tenant), 0);
BEGIN
    RETURN QUERY
    SELECT e.change FROM events_event e WHERE e.tenant_id = tenant AND e.seq > standing AND e.change IS NOT NULL
    UNION
    SELECT n.change FROM (
        SELECT p.change, head + row_number() OVER (ORDER BY p.last, p.position) AS seq
        FROM (SELECT *, max(position) OVER (PARTITION BY xact) AS last FROM events_pending WHERE tenant_id = tenant) p
    ) n WHERE n.seq > standing AND n.change IS NOT NULL;
END $$;

-- Whether other transactions have events here that are committed and not numbered.
CREATE OR REPLACE FUNCTION events_others_wait() RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
    own xid8 := pg_current_xact_id_if_assigned();
BEGIN
    RETURN EXISTS (SELECT FROM events_pending WHERE tenant_id = tenant AND xact IS DISTINCT FROM own);
END $$;

-- When the event of this number was recorded.
CREATE OR REPLACE FUNCTION events_time(number bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN (SELECT created_at FROM events_event WHERE tenant_id = tenant AND seq = number);
END $$;
