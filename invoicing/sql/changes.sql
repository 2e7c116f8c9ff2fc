-- In which change an invoice was issued, and what is void or released became so (bigledger/events/sql/changes.sql).
CREATE OR REPLACE FUNCTION invoicing_stamp_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sent_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.sent_at IS NULL) THEN
        NEW.issued_in := events_change();
    END IF;
    IF NEW.voided_on IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.voided_on IS NULL) THEN
        NEW.voided_in := events_change();
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stamped BEFORE INSERT OR UPDATE ON invoicing_invoice
    FOR EACH ROW EXECUTE FUNCTION invoicing_stamp_invoice();

CREATE OR REPLACE FUNCTION invoicing_stamp_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.voided_in := events_change();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stamped BEFORE UPDATE ON invoicing_payment
    FOR EACH ROW WHEN (OLD.voided_on IS NULL AND NEW.voided_on IS NOT NULL) EXECUTE FUNCTION invoicing_stamp_void();
CREATE OR REPLACE TRIGGER stamped BEFORE UPDATE ON invoicing_creditnote
    FOR EACH ROW WHEN (OLD.voided_on IS NULL AND NEW.voided_on IS NOT NULL) EXECUTE FUNCTION invoicing_stamp_void();

CREATE OR REPLACE FUNCTION invoicing_stamp_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.released_in := events_change();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stamped BEFORE UPDATE ON invoicing_paymentapplication
    FOR EACH ROW WHEN (OLD.released_on IS NULL AND NEW.released_on IS NOT NULL)
    EXECUTE FUNCTION invoicing_stamp_release();
