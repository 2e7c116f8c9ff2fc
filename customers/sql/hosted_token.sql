-- The door through which a customer's page finds its tenant before any is known: it runs as the owner and answers for
-- one exact token only.
CREATE OR REPLACE FUNCTION customers_tenant_of_token(token text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM customers_customer WHERE hosted_token = token
$$;
REVOKE ALL ON FUNCTION customers_tenant_of_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_tenant_of_token(text) TO {app};
