-- Claims deliveries that are due, of any tenant: raises their attempt and gives them a lease, after which they
-- are due again if their worker was killed. Each endpoint gets at most the room it has left: `room`, less what
-- the caller has in flight to it (`busy` and `in_flight`, side by side); two for one that only fails. A tenant has at
-- most 40 under way, a tenth of a worker's room, and turns are taken between tenants: the first of each, then the
-- second of each. So the room that slow answers to one leave is never theirs alone.
-- Leaps from endpoint to endpoint, so that the backlog of one is not read on the way to another.
CREATE OR REPLACE FUNCTION webhooks_claim(busy uuid[], in_flight integer[], room integer, most integer, lease_seconds integer)
RETURNS TABLE (tenant_id uuid, id uuid, attempts integer)
LANGUAGE sql VOLATILE SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    WITH RECURSIVE waiting AS (
        (SELECT d.tenant_id, d.endpoint_id FROM webhooks_webhookdelivery d WHERE d.next_attempt_at IS NOT NULL
         ORDER BY d.tenant_id, d.endpoint_id LIMIT 1)
        UNION ALL
        SELECT next.tenant_id, next.endpoint_id FROM waiting w, LATERAL (
            SELECT d.tenant_id, d.endpoint_id FROM webhooks_webhookdelivery d
            WHERE d.next_attempt_at IS NOT NULL AND (d.tenant_id, d.endpoint_id) > (w.tenant_id, w.endpoint_id)
            ORDER BY d.tenant_id, d.endpoint_id LIMIT 1) next
    ), held AS MATERIALIZED (
        SELECT e.tenant_id, sum(b.count) AS count FROM unnest(busy, in_flight) AS b(endpoint_id, count)
        JOIN webhooks_webhookendpoint e ON e.id = b.endpoint_id GROUP BY e.tenant_id
    ), due AS MATERIALIZED (
        SELECT first.tenant_id, first.id, COALESCE(h.count, 0) AS held,
            row_number() OVER (PARTITION BY w.tenant_id ORDER BY first.place, w.endpoint_id) AS turn
        FROM waiting w
        JOIN webhooks_webhookendpoint e ON e.tenant_id = w.tenant_id AND e.id = w.endpoint_id
            AND e.is_active AND e.deleted_at IS NULL
        LEFT JOIN unnest(busy, in_flight) AS b(endpoint_id, count) ON b.endpoint_id = e.id
        LEFT JOIN held h ON h.tenant_id = w.tenant_id
        CROSS JOIN LATERAL (SELECT l.tenant_id, l.id, row_number() OVER (ORDER BY l.next_attempt_at) AS place FROM (
            SELECT d.tenant_id, d.id, d.next_attempt_at FROM webhooks_webhookdelivery d
            WHERE d.tenant_id = w.tenant_id AND d.endpoint_id = w.endpoint_id AND d.next_attempt_at <= now()
            ORDER BY d.next_attempt_at
            LIMIT GREATEST(LEAST(CASE WHEN e.consecutive_failures >= 10 THEN 2 ELSE room END - COALESCE(b.count, 0),
                40 - COALESCE(h.count, 0)), 0)
            FOR UPDATE SKIP LOCKED) l) first
    ), chosen AS MATERIALIZED (
        SELECT due.tenant_id, due.id FROM due WHERE due.held + due.turn <= 40 ORDER BY due.held + due.turn LIMIT most
    )
    UPDATE webhooks_webhookdelivery d
    SET attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => lease_seconds)
    FROM chosen c WHERE d.tenant_id = c.tenant_id AND d.id = c.id
    RETURNING d.tenant_id, d.id, d.attempts
$$;

-- The tenants that have endpoints with events ahead of them.
CREATE OR REPLACE FUNCTION webhooks_behind() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT e.tenant_id FROM webhooks_webhookendpoint e LEFT JOIN events_head h ON h.tenant_id = e.tenant_id
    WHERE e.is_active AND e.deleted_at IS NULL AND (e.cursor < h.seq OR e.replay_cursor IS NOT NULL)
$$;
