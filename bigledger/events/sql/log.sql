CREATE OR REPLACE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of events_event refused: the log is only ever added to', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER log_is_immutable BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();

-- Each event's hash is taken of the hash before it and the event's own bytes.
CREATE OR REPLACE FUNCTION events_link(state bytea, head bytea, canonical bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$ SELECT sha256(COALESCE(state, head) || canonical) $$;

-- Numbers up to `most` committed events of each of these tenants; returns the tenants that had any, with their
-- last number. Many tenants in one statement: most have an event or two, and a statement costs more than these.
--
-- Order. Each call takes its snapshot after it has the locks on the heads, so what an earlier call did not see
-- was committed later and gets higher numbers. Among what one call takes, transactions are ordered by their
-- last `position`: a transaction that recorded anything after another's commit comes after it, whole. (A backlog
-- above `most` may be cut inside a transaction; what it recorded after that commit still comes after it.)
-- No gap and no double: the rows leave events_pending in the same transaction in which the heads move.
-- In any isolation level above READ COMMITTED the lock itself refuses a head that has moved on.
CREATE OR REPLACE FUNCTION events_number(wanted uuid[], most integer) RETURNS TABLE (tenant uuid, last bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off  -- the statistics of a table that empties itself are always wrong
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO events_head SELECT unnest(wanted), 0, decode(repeat('00', 32), 'hex') ON CONFLICT DO NOTHING;
    PERFORM FROM events_head WHERE tenant_id = ANY (wanted) ORDER BY tenant_id FOR UPDATE;
    RETURN QUERY
    WITH batch AS MATERIALIZED (
        SELECT h.tenant_id, h.seq AS head_seq, h.hash AS head_hash, p.position,
            max(p.position) OVER (PARTITION BY h.tenant_id, p.xact) AS last
        FROM events_head h CROSS JOIN LATERAL (
            SELECT position, xact FROM events_pending WHERE tenant_id = h.tenant_id ORDER BY position LIMIT most) p
        WHERE h.tenant_id = ANY (wanted)
    ), ranked AS MATERIALIZED (
        SELECT tenant_id, position, head_hash,
            head_seq + row_number() OVER (PARTITION BY tenant_id ORDER BY last, position) AS seq
        FROM batch
    ), taken AS (
        DELETE FROM events_pending p USING ranked r WHERE p.tenant_id = r.tenant_id AND p.position = r.position
        RETURNING p.*, r.seq, r.head_hash
    ), canonical AS (
        -- Members without a fixed form come last; both are JSON on one line. events/chain.py says the same.
        SELECT *, convert_to(concat_ws(E'\n',
            tenant_id, seq, id, type, object_id, api_version, actor, request_id, NULLIF(interface, ''),
            to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            COALESCE(previous, ''), data), 'UTF8') AS bytes
        FROM taken
    ), written AS (
        INSERT INTO events_event (tenant_id, id, seq, type, object_id, data, previous, api_version, actor,
                                  request_id, interface, change, created_at, hash)
        SELECT tenant_id, id, seq, type, object_id, data, previous, api_version, actor, request_id,
            interface, change, created_at, events_chain(head_hash, bytes) OVER (PARTITION BY tenant_id ORDER BY seq)
        FROM canonical
        RETURNING tenant_id, seq, hash
    ), moved AS (
        UPDATE events_head h SET seq = newest.seq, hash = newest.hash
        FROM (SELECT DISTINCT ON (tenant_id) * FROM written ORDER BY tenant_id, seq DESC) newest
        WHERE h.tenant_id = newest.tenant_id
        RETURNING h.tenant_id, h.seq, pg_notify('events', h.tenant_id || ' ' || h.seq)
    )
    SELECT tenant_id, seq FROM moved;
END $$;
REVOKE ALL ON FUNCTION events_number(uuid[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events_number(uuid[], integer) TO {worker};

-- Up to `most` tenants after this one that have events to number, in order, by leaps through the key rather
-- than through every row.
CREATE OR REPLACE FUNCTION events_waiting(after uuid, most integer) RETURNS uuid[]
LANGUAGE sql STABLE SET enable_seqscan = off AS $$
    WITH RECURSIVE waiting AS (
        SELECT after AS tenant_id
        UNION ALL
        SELECT (SELECT tenant_id FROM events_pending p WHERE p.tenant_id > w.tenant_id ORDER BY tenant_id LIMIT 1)
        FROM waiting w WHERE w.tenant_id IS NOT NULL
    )
    SELECT COALESCE(array_agg(tenant_id), '{}') FROM (
        SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL OFFSET 1 LIMIT most) found
$$;
