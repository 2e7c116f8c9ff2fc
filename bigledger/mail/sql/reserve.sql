-- Reserves `wanted` recipients of today for a transaction that is still at work; `wanted` is all that it queues, so a
-- second call takes the place of the first. Called in autocommit: nobody waits for the transaction, and yet no two can
-- take the same room. What a transaction reserved counts while it is in progress and once it is committed; when it is
-- rolled back the room is free again. `used` is what others have.
CREATE OR REPLACE FUNCTION mail_reserve(
    tenant uuid, today date, asking xid8, wanted integer, cap integer, OUT used integer, OUT granted integer
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    settled integer;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('mail ' || tenant, 0));
    DELETE FROM mail_reservation WHERE tenant_id = tenant AND day < today;
    WITH ended AS (
        DELETE FROM mail_reservation
        WHERE tenant_id = tenant AND day = today AND writer NOT IN (asking, '0')
          AND pg_xact_status(writer) IS DISTINCT FROM 'in progress'
        RETURNING recipients, pg_xact_status(writer) AS outcome
    )
    SELECT coalesce(sum(recipients) FILTER (WHERE outcome IS DISTINCT FROM 'aborted'), 0) INTO settled FROM ended;
    IF settled > 0 THEN
        INSERT INTO mail_reservation AS r VALUES (tenant, today, '0', settled)
        ON CONFLICT (tenant_id, day, writer) DO UPDATE SET recipients = r.recipients + excluded.recipients;
    END IF;
    SELECT coalesce(sum(recipients), 0) INTO used
    FROM mail_reservation WHERE tenant_id = tenant AND day = today AND writer <> asking;
    granted := (used + wanted <= cap)::integer;
    IF granted = 1 THEN
        INSERT INTO mail_reservation VALUES (tenant, today, asking, wanted)
        ON CONFLICT (tenant_id, day, writer) DO UPDATE SET recipients = excluded.recipients;
    END IF;
END $$;

REVOKE ALL ON FUNCTION mail_reserve(uuid, date, xid8, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_reserve(uuid, date, xid8, integer, integer) TO {app};
