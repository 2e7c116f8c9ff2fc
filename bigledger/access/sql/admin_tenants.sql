-- The tenants that a person signed in to the admin may work in, whole, so that one can be entered at once.
-- Answers for one exact user only; runs as the owner, since no tenant is known yet.
CREATE OR REPLACE FUNCTION access_admin_tenants(wanted_user uuid)
RETURNS TABLE (id uuid, name text, plan text, base_currency text, time_zone text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, t.name, t.plan, t.base_currency, t.time_zone, m.role
    FROM access_membership m JOIN tenants_tenant t ON t.id = m.tenant_id
    WHERE m.user_id = wanted_user ORDER BY t.name, t.id LIMIT 200
$$;
REVOKE ALL ON FUNCTION access_admin_tenants(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_admin_tenants(uuid) TO {app};
