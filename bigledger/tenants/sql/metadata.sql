-- What an index of metadata holds: a digest of the tenant with each key and value. This text stays as it is, because indexes
-- stand on it; another digest needs another name and new indexes.
CREATE OR REPLACE FUNCTION app_metadata_tags(tenant_id uuid, metadata jsonb) RETURNS uuid[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(md5(tenant_id::text || jsonb_build_array(key, value)::text)::uuid) FROM jsonb_each_text(
        CASE jsonb_typeof(metadata) WHEN 'object' THEN metadata ELSE '{}' END)
$$;

-- The rows of a table of the tenant in context that have all the keys and values of `wanted`, which is not empty.
--
-- Row-level security lets no index be searched for arrays, since that might tell of other tenants' rows (`@>` is not
-- leakproof). This function runs as the owner, and every digest that it searches for is of the tenant in context.
CREATE OR REPLACE FUNCTION app_metadata_find(searched text, wanted jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 20 AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id FROM %I WHERE metadata <> ''{}'' AND tenant_id = app_tenant() AND metadata @> $1
         AND app_metadata_tags(tenant_id, metadata) @> app_metadata_tags(app_tenant(), $1)', searched)
    USING wanted;
END
$$;
REVOKE ALL ON FUNCTION app_metadata_find(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_metadata_find(text, jsonb) TO {app}, {worker};
