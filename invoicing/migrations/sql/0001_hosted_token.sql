-- The door through which a hosted invoice's tenant is found before any is known: it runs as the owner and
-- answers for one exact token only.
CREATE FUNCTION invoicing_tenant_of_token(token text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM invoicing_invoice WHERE hosted_token = token
$$;
REVOKE ALL ON FUNCTION invoicing_tenant_of_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION invoicing_tenant_of_token(text) TO {app};
