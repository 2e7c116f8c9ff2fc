-- The rows of a schedule add up to its amount, checked when the transaction ends; a void one posts nothing any more.
CREATE OR REPLACE FUNCTION ledger_schedule_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    schedule uuid := COALESCE(to_jsonb(NEW) ->> 'schedule_id', to_jsonb(OLD) ->> 'schedule_id', NEW.id::text);
    tenant uuid := COALESCE(NEW.tenant_id, OLD.tenant_id);
    found ledger_schedule;
    rows_add_up_to numeric;
BEGIN
    SELECT * INTO found FROM ledger_schedule WHERE tenant_id = tenant AND id = schedule;
    IF found.id IS NULL OR found.status = 'void' THEN
        RETURN NULL;
    END IF;
    SELECT COALESCE(sum(amount), 0) INTO rows_add_up_to
    FROM ledger_schedulerow WHERE tenant_id = tenant AND schedule_id = schedule;
    IF rows_add_up_to <> found.amount THEN
        RAISE EXCEPTION 'the rows of schedule % add up to %, not to %', schedule, rows_add_up_to, found.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_schedule_adds_up';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS schedule_adds_up ON ledger_schedule;
CREATE CONSTRAINT TRIGGER schedule_adds_up AFTER INSERT OR UPDATE ON ledger_schedule
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_schedule_adds_up();
DROP TRIGGER IF EXISTS row_adds_up ON ledger_schedulerow;
CREATE CONSTRAINT TRIGGER row_adds_up AFTER INSERT OR UPDATE OR DELETE ON ledger_schedulerow
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_schedule_adds_up();
