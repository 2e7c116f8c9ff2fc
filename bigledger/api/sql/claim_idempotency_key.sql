-- Claims a key for this transaction, or tells what was answered to the one that had it. A twin that is still
-- at work is waited for: its row is not committed yet, and the insert stands behind it. When it fails, its
-- row goes away and this one takes its place. A key older than a day is nobody's.
CREATE FUNCTION api_claim_idempotency_key(
    wanted_id uuid, wanted_key text, wanted_fingerprint bytea,
    OUT claimed boolean, OUT fingerprint bytea, OUT status smallint, OUT body bytea, OUT etag text
) LANGUAGE plpgsql SET lock_timeout = '15s' AS $$
BEGIN
    DELETE FROM api_idempotencykey k
    WHERE k.tenant_id = app_tenant() AND k.key = wanted_key AND k.created_at < now() - interval '24 hours';
    LOOP
        INSERT INTO api_idempotencykey (tenant_id, id, key, fingerprint)
        VALUES (app_tenant(), wanted_id, wanted_key, wanted_fingerprint)
        ON CONFLICT (tenant_id, key) DO NOTHING;
        claimed := FOUND;
        EXIT WHEN claimed;
        SELECT k.fingerprint, k.status, k.body, k.etag INTO fingerprint, status, body, etag
        FROM api_idempotencykey k WHERE k.tenant_id = app_tenant() AND k.key = wanted_key;
        EXIT WHEN FOUND;
    END LOOP;
END $$;
