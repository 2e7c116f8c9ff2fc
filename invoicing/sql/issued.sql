-- What was issued stays what it was: neither what it says nor its PDF changes, for any role.
CREATE OR REPLACE FUNCTION invoicing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: a document that was issued is kept as it was', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER issued_is_kept BEFORE DELETE ON invoicing_documentversion
    FOR EACH ROW WHEN (OLD.is_issued) EXECUTE FUNCTION invoicing_refuse_change();
-- A PDF is made once; until then its attempts are counted.
CREATE OR REPLACE TRIGGER issued_is_frozen BEFORE UPDATE ON invoicing_documentversion
    FOR EACH ROW WHEN (OLD.is_issued AND (
        OLD.file IS NOT NULL
        OR (OLD.tenant_id, OLD.id, OLD.kind, OLD.about_id, OLD.digest, OLD.content, OLD.is_issued, OLD.created_at)
            IS DISTINCT FROM
            (NEW.tenant_id, NEW.id, NEW.kind, NEW.about_id, NEW.digest, NEW.content, NEW.is_issued, NEW.created_at)))
    EXECUTE FUNCTION invoicing_refuse_change();
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON invoicing_documentversion
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_refuse_change();
