-- What is asked about a person before a tenant is known. Each answers for one exact user only.

-- The membership that a verified token names; sets the tenant for the rest of the transaction.
CREATE FUNCTION access_authenticate_member(
    wanted_user uuid, wanted_tenant uuid, OUT tenant_id uuid, OUT user_id uuid, OUT role text
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT m.tenant_id, m.user_id, m.role INTO tenant_id, user_id, role
    FROM access_membership m
    JOIN access_user u ON u.id = m.user_id AND u.is_active
    WHERE m.tenant_id = wanted_tenant AND m.user_id = wanted_user;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.tenant_id', tenant_id::text, true);
    RETURN NEXT;
END $$;

-- The live secrets with which a user may have signed a token, newest first; encrypted.
CREATE FUNCTION access_signing_secrets(wanted_user uuid)
RETURNS TABLE (id uuid, tenant_id uuid, encrypted bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.tenant_id, s.encrypted FROM access_signingsecret s
    WHERE s.user_id = wanted_user AND s.revoked_at IS NULL
    ORDER BY s.id DESC LIMIT 50
$$;

-- The tenants that a signed-in person may choose from.
CREATE FUNCTION access_memberships_of(wanted_user uuid)
RETURNS TABLE (tenant_id uuid, tenant_name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.tenant_id, t.name, m.role FROM access_membership m JOIN tenants_tenant t ON t.id = m.tenant_id
    WHERE m.user_id = wanted_user ORDER BY t.name, m.tenant_id LIMIT 200
$$;

REVOKE ALL ON FUNCTION access_authenticate_member(uuid, uuid), access_signing_secrets(uuid),
    access_memberships_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_authenticate_member(uuid, uuid), access_signing_secrets(uuid),
    access_memberships_of(uuid) TO {app};
