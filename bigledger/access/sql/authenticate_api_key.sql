-- The door through which a key is looked up before its tenant is known: it runs as the owner, answers for
-- one exact digest only, and sets the tenant for the rest of the transaction in the same round trip.
CREATE FUNCTION access_authenticate_api_key(
    wanted bytea,
    OUT tenant_id uuid, OUT user_id uuid, OUT role text, OUT scopes text[], OUT credential_id uuid,
    OUT allowed_networks text[]
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE stale boolean;
BEGIN
    SELECT k.tenant_id, k.user_id, m.role, k.scopes, k.id, k.allowed_networks,
           k.last_used_at IS NULL OR k.last_used_at < now() - interval '5 minutes'
    INTO tenant_id, user_id, role, scopes, credential_id, allowed_networks, stale
    FROM access_apikey k
    JOIN access_membership m ON m.tenant_id = k.tenant_id AND m.user_id = k.user_id
    JOIN access_user u ON u.id = k.user_id AND u.is_active
    WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Written once in a while, and never waited for: all requests of a key would queue behind its row.
    IF stale THEN
        UPDATE access_apikey k SET last_used_at = now()
        WHERE (k.tenant_id, k.id) IN (
            SELECT a.tenant_id, a.id FROM access_apikey a
            WHERE a.tenant_id = access_authenticate_api_key.tenant_id AND a.id = credential_id
            FOR UPDATE SKIP LOCKED);
    END IF;
    PERFORM set_config('app.tenant_id', tenant_id::text, true);
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION access_authenticate_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_authenticate_api_key(bytea) TO {app};
