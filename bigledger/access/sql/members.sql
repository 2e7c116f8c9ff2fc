-- What is asked about a person before a tenant is known. Each answers for one exact user only.

-- The membership that a verified token names, as `access_authenticate_api_key` for keys. A token that was issued here
-- also names its sign-in, which must not have ended.
CREATE OR REPLACE FUNCTION access_authenticate_member(
    wanted_user uuid, wanted_tenant uuid, wanted_sign_in uuid, known text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE answer text;
BEGIN
    SELECT CASE WHEN v.version = known THEN known ELSE json_build_object(
        'version', v.version, 'tenant', t, 'found', json_build_object(
            'user_id', m.user_id, 'role', m.role))::text END
    INTO answer
    FROM access_membership m
    JOIN access_user u ON u.id = m.user_id AND u.is_active
    JOIN tenants_tenant t ON t.id = m.tenant_id
    CROSS JOIN LATERAL concat_ws(' ', m.ctid, m.xmin, u.ctid, u.xmin, t.ctid, t.xmin) AS v(version)
    WHERE m.tenant_id = wanted_tenant AND m.user_id = wanted_user AND (wanted_sign_in IS NULL OR EXISTS (
        SELECT FROM access_signin s WHERE s.tenant_id = wanted_tenant AND s.id = wanted_sign_in
        AND s.user_id = wanted_user AND s.ended_at IS NULL AND s.expires_at > now()));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN set_config('app.tenant_id', wanted_tenant::text, true) <> '' THEN answer END;
END $$;

-- The live secrets with which a user may have signed a token, newest first; encrypted.
CREATE OR REPLACE FUNCTION access_signing_secrets(wanted_user uuid)
RETURNS TABLE (
    id uuid, tenant_id uuid, encrypted bytea, scopes text[], allowed_networks text[], expires_at timestamptz,
    created_by_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.tenant_id, s.encrypted, s.scopes::text[], s.allowed_networks::text[], s.expires_at, s.created_by_id
    FROM access_signingsecret s
    WHERE s.user_id = wanted_user AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > now())
    ORDER BY s.id DESC LIMIT 50
$$;

-- The tenants that a signed-in person may choose from.
CREATE OR REPLACE FUNCTION access_memberships_of(wanted_user uuid)
RETURNS TABLE (tenant_id uuid, tenant_name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.tenant_id, t.name, m.role FROM access_membership m JOIN tenants_tenant t ON t.id = m.tenant_id
    WHERE m.user_id = wanted_user ORDER BY t.name, m.tenant_id LIMIT 200
$$;

REVOKE ALL ON FUNCTION access_authenticate_member(uuid, uuid, uuid, text), access_signing_secrets(uuid),
    access_memberships_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_authenticate_member(uuid, uuid, uuid, text), access_signing_secrets(uuid),
    access_memberships_of(uuid) TO {app};
