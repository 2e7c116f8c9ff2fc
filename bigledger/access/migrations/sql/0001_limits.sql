-- Rate limits without Redis: one row per tenant holds both windows and the slots in use. Unlogged, because
-- a crash may forget a count; written in autocommit, because a request that is rolled back still counts.
CREATE UNLOGGED TABLE access_rate_usage (
    tenant_id uuid PRIMARY KEY,
    hour_began bigint NOT NULL,                 -- all times in milliseconds since 1970
    hour_count integer NOT NULL,
    second_began bigint NOT NULL,
    second_count integer NOT NULL,
    leases bigint[] NOT NULL                    -- (moment of expiry << 20) | random: one per slot in use
) WITH (fillfactor = 50);
ALTER TABLE access_rate_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_rate_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON access_rate_usage USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON access_rate_usage TO {owner}, {worker} USING (true) WITH CHECK (true);

-- Counts one request against all three limits, or none when one of them refuses it. A limit that is NULL
-- does not exist. A lease that ran out gives its slot back: its process was killed. `refused` is a set of
-- bits: 1 the hour, 2 the second, 4 the slots.
CREATE FUNCTION access_take_slot(
    tenant uuid, per_hour integer, per_second integer, concurrent integer, lease_ms integer,
    moment bigint DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    OUT refused integer, OUT used integer, OUT resets_at bigint, OUT lease bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r access_rate_usage;
BEGIN
    SELECT * INTO r FROM access_rate_usage WHERE tenant_id = tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO access_rate_usage VALUES (tenant, moment, 0, moment, 0, '{}') ON CONFLICT DO NOTHING;
        SELECT * INTO r FROM access_rate_usage WHERE tenant_id = tenant FOR NO KEY UPDATE;
    END IF;
    IF moment - r.hour_began >= 3600000 THEN
        r.hour_began := moment;
        r.hour_count := 0;
    END IF;
    IF moment - r.second_began >= 1000 THEN
        r.second_began := moment;
        r.second_count := 0;
    END IF;
    IF cardinality(r.leases) >= concurrent THEN
        r.leases := ARRAY(SELECT l FROM unnest(r.leases) l WHERE l >> 20 > moment);
    END IF;
    refused := CASE WHEN r.hour_count >= per_hour THEN 1 ELSE 0 END
             | CASE WHEN r.second_count >= per_second THEN 2 ELSE 0 END
             | CASE WHEN cardinality(r.leases) >= concurrent THEN 4 ELSE 0 END;
    resets_at := r.hour_began + 3600000;
    used := r.hour_count;
    IF refused = 0 THEN
        used := used + 1;
        lease := (moment + lease_ms) << 20 | (random() * 1048575)::bigint;
        UPDATE access_rate_usage u
        SET hour_began = r.hour_began, hour_count = used,
            second_began = r.second_began, second_count = r.second_count + 1,
            leases = CASE WHEN concurrent IS NULL THEN r.leases ELSE r.leases || lease END
        WHERE tenant_id = tenant;
    END IF;
END $$;

CREATE FUNCTION access_release_slot(tenant uuid, lease bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE access_rate_usage SET leases = array_remove(leases, lease) WHERE tenant_id = tenant
$$;

REVOKE ALL ON FUNCTION access_take_slot(uuid, integer, integer, integer, integer, bigint),
    access_release_slot(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_take_slot(uuid, integer, integer, integer, integer, bigint),
    access_release_slot(uuid, bigint) TO {app};

-- What django-ratelimit counts in, by address: see bigledger/access/counters.py.
CREATE UNLOGGED TABLE access_counter (
    key text PRIMARY KEY,
    count bigint NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX access_counter_expires ON access_counter (expires_at);
