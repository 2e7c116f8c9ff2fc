-- What an index of metadata holds: a digest of the tenant with each key and value. An index is made of it, so it never
-- changes; another one needs another name and another index.
CREATE FUNCTION app_metadata_tags(tenant_id uuid, metadata jsonb) RETURNS uuid[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(md5(tenant_id::text || jsonb_build_array(key, value)::text)::uuid) FROM jsonb_each_text(metadata)
$$;
