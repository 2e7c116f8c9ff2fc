-- The door through which a key is looked up before its tenant is known: it runs as the owner, answers for
-- one exact digest only, and sets the tenant for the rest of the transaction in the same round trip.
--
-- The answer is {version, tenant, found}. Who shows a version that still holds (sql/key_version.sql) gets it back instead,
-- after one row has been read: every request pays for this.
CREATE OR REPLACE FUNCTION access_authenticate_api_key(wanted bytea, known text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid;
    credential uuid;
    stale boolean;
    answer text;
BEGIN
    SELECT k.tenant_id, k.id, k.version, k.last_used_at IS NULL OR k.last_used_at < now() - interval '5 minutes'
    INTO tenant, credential, answer, stale
    FROM access_apikey k
    WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
    IF answer IS DISTINCT FROM known THEN
        SELECT json_build_object('version', k.version, 'tenant', t, 'found', json_build_object(
            'user_id', k.user_id, 'role', m.role, 'scopes', k.scopes, 'credential_id', k.id,
            'allowed_networks', k.allowed_networks, 'expires_at', k.expires_at, 'created_by_id', k.created_by_id))
        INTO answer
        FROM access_apikey k
        JOIN access_membership m ON m.tenant_id = k.tenant_id AND m.user_id = k.user_id
        JOIN access_user u ON u.id = k.user_id AND u.is_active
        JOIN tenants_tenant t ON t.id = k.tenant_id
        WHERE (k.tenant_id, k.id) = (tenant, credential) AND k.revoked_at IS NULL;
    END IF;
    IF answer IS NULL THEN
        RETURN NULL;
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
