-- The books of a tenant: their base currency, and the day until which months may be closed (sql/periods.sql). Whoever posts
-- and whoever closes meet in one lock, which postings share: a posting is in the books before they close, or it sees that they are closed.

-- Makes the row of the tenant in context, at its first posting; the answer is the base currency.
CREATE OR REPLACE FUNCTION ledger_open_books() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_books (tenant_id, base_currency)
    SELECT id, base_currency FROM tenants_tenant WHERE id = app_tenant()
    ON CONFLICT DO NOTHING;
    RETURN (SELECT base_currency FROM ledger_books WHERE tenant_id = app_tenant());
END $$;

GRANT CREATE ON SCHEMA public TO {books};
ALTER FUNCTION ledger_open_books() OWNER TO {books};
REVOKE CREATE ON SCHEMA public FROM {books};
REVOKE ALL ON FUNCTION ledger_open_books() FROM PUBLIC;

-- What each entry passes. Its number in natural order (docs/adr/0095) is written here, where a generated column took 30 µs of
-- each posting. Whoever posts by another way than `ledger_post`, which looks by itself, meets the closed months. The condition
-- is in the function: PostgreSQL prepares one in WHEN anew for each statement.
CREATE OR REPLACE FUNCTION ledger_before_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.number_order := sort_text(NEW.number);
    IF NEW.status <> 'posted' OR '"' || CURRENT_USER || '"' = '{books}' THEN
        RETURN NEW;
    END IF;
    IF ledger_is_closed(NEW.date, NULL) THEN
        RAISE EXCEPTION '% of % refused: the books are closed on %', TG_OP, TG_TABLE_NAME, NEW.date
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER before_entry BEFORE INSERT OR UPDATE ON ledger_journalentry
    FOR EACH ROW EXECUTE FUNCTION ledger_before_entry();
