-- As it was when the first index was made of it; bigledger/tenants/sql/metadata.sql has the present text.
CREATE FUNCTION app_metadata_tags(tenant_id uuid, metadata jsonb) RETURNS uuid[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(md5(tenant_id::text || jsonb_build_array(key, value)::text)::uuid) FROM jsonb_each_text(
        CASE jsonb_typeof(metadata) WHEN 'object' THEN metadata ELSE '{}' END)
$$;
