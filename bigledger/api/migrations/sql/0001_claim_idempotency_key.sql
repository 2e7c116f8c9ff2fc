-- Claims a key for this transaction, or tells what was answered to the one that had it. A twin that is still
-- at work is waited for: its row is not committed yet, and the insert stands behind it. When it fails, its
-- row goes away and this one takes its place. A key older than a day is nobody's.
CREATE FUNCTION api_claim_idempotency_key(wanted_id uuid, wanted_key text, wanted_fingerprint bytea) RETURNS text
LANGUAGE plpgsql SET lock_timeout = '15s' AS $$
DECLARE kept text;
BEGIN
    DELETE FROM api_idempotencykey k
    WHERE k.tenant_id = app_tenant() AND k.key = wanted_key AND k.created_at < now() - interval '24 hours';
    LOOP
        INSERT INTO api_idempotencykey (tenant_id, id, key, fingerprint)
        VALUES (app_tenant(), wanted_id, wanted_key, wanted_fingerprint)
        ON CONFLICT (tenant_id, key) DO NOTHING;
        IF FOUND THEN
            RETURN '';
        END IF;
        SELECT json_build_object(
            'fingerprint', encode(k.fingerprint, 'hex'), 'status', k.status, 'body', encode(k.body, 'hex'), 'etag', k.etag)
        INTO kept FROM api_idempotencykey k WHERE k.tenant_id = app_tenant() AND k.key = wanted_key;
        IF FOUND THEN
            RETURN kept;
        END IF;
    END LOOP;
END $$;
