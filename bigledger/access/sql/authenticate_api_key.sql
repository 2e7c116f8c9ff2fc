-- The door through which a key is looked up before its tenant is known: it runs as the owner, answers for
-- one exact digest only, and sets the tenant for the rest of the transaction in the same round trip.
--
-- The answer is {version, tenant, found}: the version names the very rows that were read. Who shows a version
-- that still holds gets it back instead, and nothing is written out anew.
CREATE OR REPLACE FUNCTION access_authenticate_api_key(wanted bytea, known text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid;
    credential uuid;
    stale boolean;
    version text;
    answer text;
BEGIN
    SELECT k.tenant_id, k.id, k.last_used_at IS NULL OR k.last_used_at < now() - interval '5 minutes',
        concat_ws(' ', k.ctid, k.xmin, m.ctid, m.xmin, u.ctid, u.xmin, t.ctid, t.xmin)
    INTO tenant, credential, stale, version
    FROM access_apikey k
    JOIN access_membership m ON m.tenant_id = k.tenant_id AND m.user_id = k.user_id
    JOIN access_user u ON u.id = k.user_id AND u.is_active
    JOIN tenants_tenant t ON t.id = k.tenant_id
    WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF version = known THEN
        answer := known;
    ELSE  -- apart, so that whoever shows the version does not pay for it; who is off-boarded meanwhile gets nothing
        SELECT json_build_object('version', version, 'tenant', t, 'found', json_build_object(
            'user_id', k.user_id, 'role', m.role, 'scopes', k.scopes, 'credential_id', k.id,
            'allowed_networks', k.allowed_networks, 'expires_at', k.expires_at, 'created_by_id', k.created_by_id))
        INTO answer
        FROM access_apikey k, access_membership m, tenants_tenant t
        WHERE (k.tenant_id, k.id) = (tenant, credential)
            AND (m.tenant_id, m.user_id) = (tenant, k.user_id) AND t.id = tenant;
    END IF;
    -- Written once in a while, and never waited for: all requests of a key would queue behind its row.
    IF stale THEN
        UPDATE access_apikey SET last_used_at = now()
        WHERE (tenant_id, id) IN (
            SELECT a.tenant_id, a.id FROM access_apikey a WHERE a.tenant_id = tenant AND a.id = credential
            FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN CASE WHEN set_config('app.tenant_id', tenant::text, true) <> '' THEN answer END;
END $$;
REVOKE ALL ON FUNCTION access_authenticate_api_key(bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_authenticate_api_key(bytea, text) TO {app};
