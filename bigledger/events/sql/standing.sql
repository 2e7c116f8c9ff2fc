-- What a reader of the books stands on: all events that are committed, each with its number. One that the relay has not
-- numbered yet counts with the number that it will have when nothing else is committed before (sql/log.sql, Order).
-- All of these see what the statement sees that calls them, so figures and number are of one moment.
CREATE OR REPLACE FUNCTION events_unnumbered()
RETURNS TABLE (seq bigint, type varchar, object_id uuid, previous text, created_at timestamptz)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
    head bigint := COALESCE((SELECT seq FROM events_head WHERE tenant_id = tenant), 0);
BEGIN
    RETURN QUERY
    SELECT head + row_number() OVER (ORDER BY p.last, p.position), p.type, p.object_id, p.previous, p.created_at
    FROM (SELECT *, max(position) OVER (PARTITION BY xact) AS last FROM events_pending WHERE tenant_id = tenant) p;
END $$;

-- The number of the last event; with `known`, of the one that was recorded at that very moment (`events_moment`), else of
-- the last one before the first that was recorded after it. It is a place in the log and not a set of times, so it does
-- not move when somebody commits late what was recorded early.
CREATE OR REPLACE FUNCTION events_standing(known timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
    at_known bigint;
    first_after bigint;
BEGIN
    IF known IS NOT NULL THEN
        SELECT max(seq) INTO at_known FROM (
            SELECT seq FROM events_event WHERE tenant_id = tenant AND created_at = known
            UNION ALL SELECT seq FROM events_unnumbered() WHERE created_at = known) same;
        IF at_known IS NOT NULL THEN
            RETURN at_known;
        END IF;
        SELECT min(seq) INTO first_after FROM events_event WHERE tenant_id = tenant AND created_at > known;
        IF first_after IS NULL THEN
            SELECT min(seq) INTO first_after FROM events_unnumbered() WHERE created_at > known;
        END IF;
        IF first_after IS NOT NULL THEN
            RETURN first_after - 1;
        END IF;
    END IF;
    RETURN COALESCE((SELECT seq FROM events_head WHERE tenant_id = tenant), 0)
        + (SELECT count(*) FROM events_pending WHERE tenant_id = tenant);
END $$;

-- The events of these types after the one of this number.
CREATE OR REPLACE FUNCTION events_after(standing bigint, types text[])
RETURNS TABLE (seq bigint, type varchar, object_id uuid, previous text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN QUERY
    SELECT e.seq, e.type, e.object_id, e.previous FROM events_event e
    WHERE e.tenant_id = tenant AND e.seq > standing AND e.type = ANY (types)
    UNION ALL
    SELECT u.seq, u.type, u.object_id, u.previous FROM events_unnumbered() u
    WHERE u.seq > standing AND u.type = ANY (types);
END $$;

-- The moment that a reader of now stands on: when the last event of the log was recorded, if that is less than a minute
-- ago, else the present. Somebody may be posting at the present moment; the last event leads back to its place.
CREATE OR REPLACE FUNCTION events_moment() RETURNS timestamptz
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
    -- The last row of all is the last of its transaction, and no other transaction has a later one.
    last timestamptz := (SELECT created_at FROM events_pending WHERE tenant_id = tenant ORDER BY position DESC LIMIT 1);
BEGIN
    IF last IS NULL THEN
        SELECT e.created_at INTO last FROM events_event e
        WHERE e.tenant_id = tenant AND e.seq = (SELECT seq FROM events_head WHERE tenant_id = tenant);
    END IF;
    RETURN CASE WHEN last > statement_timestamp() - interval '1 minute' THEN last ELSE statement_timestamp() END;
END $$;
