-- The application's tenant: the OAuth endpoints work in its context. Answers for one exact client only.
CREATE OR REPLACE FUNCTION access_tenant_of_client(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.tenant_id FROM access_application a WHERE a.client_id = wanted
$$;

-- An OAuth access token, as `access_authenticate_api_key` for keys. It opens the books of the tenant that was
-- granted. A token from client credentials acts as the member who registered the application.
CREATE OR REPLACE FUNCTION access_authenticate_token(wanted text, known text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid;
    answer text;
BEGIN
    SELECT m.tenant_id,
        CASE WHEN v.version = known THEN known ELSE json_build_object(
            'version', v.version, 'tenant', b, 'found', json_build_object(
                'user_id', m.user_id, 'role', m.role, 'scope', t.scope, 'ceiling', a.scopes,
                'credential_id', a.id, 'created_by_id', CASE WHEN t.user_id IS NULL THEN a.secret_shown_to_id END))::text END
    INTO tenant, answer
    FROM access_accesstoken t
    JOIN access_application a ON a.tenant_id = t.tenant_id AND a.id = t.application_id
    JOIN access_membership m ON m.tenant_id = t.granted_tenant_id AND m.user_id = coalesce(t.user_id, a.user_id)
    JOIN access_user u ON u.id = m.user_id AND u.is_active
    JOIN tenants_tenant b ON b.id = m.tenant_id
    CROSS JOIN LATERAL concat_ws(
        ' ', t.ctid, t.xmin, a.ctid, a.xmin, m.ctid, m.xmin, u.ctid, u.xmin, b.ctid, b.xmin) AS v(version)
    WHERE t.token_checksum = wanted AND t.expires > now();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN set_config('app.tenant_id', tenant::text, true) <> '' THEN answer END;
END $$;

-- An invitation by the digest of its token, while it can still be accepted.
CREATE OR REPLACE FUNCTION access_find_invitation(wanted bytea)
RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.tenant_id, i.id FROM access_invitation i
    WHERE i.digest = wanted AND i.accepted_at IS NULL AND i.expires_at > now()
$$;

-- What a member let programs do in the tenant of this transaction, ended with the membership; and every token of the
-- applications here whose secret the member was shown, whoever granted it, those of client credentials among them.
CREATE OR REPLACE FUNCTION access_revoke_grants(member uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM access_grant WHERE user_id = member AND granted_tenant_id = app_tenant();
    UPDATE access_refreshtoken SET access_token_id = NULL, revoked = coalesce(revoked, now())
    WHERE user_id = member AND granted_tenant_id = app_tenant();
    DELETE FROM access_accesstoken WHERE user_id = member AND granted_tenant_id = app_tenant();
    DELETE FROM access_grant g USING access_application a
    WHERE a.tenant_id = app_tenant() AND member IN (a.user_id, a.secret_shown_to_id)
        AND g.tenant_id = a.tenant_id AND g.application_id = a.id;
    UPDATE access_refreshtoken t SET access_token_id = NULL, revoked = coalesce(t.revoked, now())
    FROM access_application a
    WHERE a.tenant_id = app_tenant() AND member IN (a.user_id, a.secret_shown_to_id)
        AND t.tenant_id = a.tenant_id AND t.application_id = a.id;
    DELETE FROM access_accesstoken t USING access_application a
    WHERE a.tenant_id = app_tenant() AND member IN (a.user_id, a.secret_shown_to_id)
        AND t.tenant_id = a.tenant_id AND t.application_id = a.id;
$$;

REVOKE ALL ON FUNCTION access_tenant_of_client(text), access_authenticate_token(text, text),
    access_find_invitation(bytea), access_revoke_grants(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_tenant_of_client(text), access_authenticate_token(text, text),
    access_find_invitation(bytea), access_revoke_grants(uuid) TO {app};
