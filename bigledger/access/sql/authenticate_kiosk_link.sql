-- The link of a kiosk by the digest of its token, as `access_authenticate_api_key` for keys. What it may do stands here, so
-- that no row can say more.
CREATE OR REPLACE FUNCTION access_authenticate_kiosk_link(wanted bytea, known text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid;
    credential uuid;
    stale boolean;
    answer text;
BEGIN
    SELECT k.tenant_id, k.id, k.last_used_at IS NULL OR k.last_used_at < now() - interval '5 minutes',
        CASE WHEN v.version = known THEN known ELSE json_build_object(
            'version', v.version, 'tenant', t, 'found', json_build_object(
                'user_id', k.user_id, 'role', m.role, 'scopes', json_build_array('read:dashboard'),
                'credential_id', k.id, 'allowed_networks', k.allowed_networks, 'expires_at', k.expires_at,
                'created_by_id', k.created_by_id))::text END
    INTO tenant, credential, stale, answer
    FROM access_kiosklink k
    JOIN access_membership m ON m.tenant_id = k.tenant_id AND m.user_id = k.user_id
    JOIN access_user u ON u.id = k.user_id AND u.is_active
    JOIN tenants_tenant t ON t.id = k.tenant_id
    CROSS JOIN LATERAL concat_ws(' ', k.ctid, k.xmin, m.ctid, m.xmin, u.ctid, u.xmin, t.ctid, t.xmin) AS v(version)
    WHERE k.digest = wanted AND k.revoked_at IS NULL AND k.expires_at > now();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF stale THEN
        UPDATE access_kiosklink SET last_used_at = now()
        WHERE (tenant_id, id) IN (
            SELECT a.tenant_id, a.id FROM access_kiosklink a WHERE a.tenant_id = tenant AND a.id = credential
            FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN CASE WHEN set_config('app.tenant_id', tenant::text, true) <> '' THEN answer END;
END $$;
REVOKE ALL ON FUNCTION access_authenticate_kiosk_link(bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_authenticate_kiosk_link(bytea, text) TO {app};
