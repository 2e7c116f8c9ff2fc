-- What only SQL can say about entries and lines.

-- The account of a line is one of its own tenant and in its own currency. The key also freezes an account's
-- currency once it has a line.
ALTER TABLE ledger_journalline ADD CONSTRAINT ledger_journalline_account_fk
    FOREIGN KEY (tenant_id, account_id, currency) REFERENCES ledger_account (tenant_id, id, currency);

-- The unique index on reversals serves this key as well; an index less to write for each entry.
DROP INDEX ledger_journalentry_tenant_id_reversal_of_id_idx;

-- Lines are written by the posting function; nobody changes or deletes them.
REVOKE INSERT, UPDATE, DELETE ON ledger_journalline FROM {app}, {worker};
GRANT SELECT, INSERT ON ledger_journalentry, ledger_journalline, ledger_attachment TO {books};
GRANT SELECT ON ledger_account, ledger_document TO {books};
GRANT INSERT ON events_pending TO {books};

-- The application may write drafts; what makes an entry posted is the posting function.
CREATE POLICY only_drafts_inserted ON ledger_journalentry AS RESTRICTIVE FOR INSERT TO {app}, {worker}
    WITH CHECK (status = 'draft');
CREATE POLICY only_drafts_updated ON ledger_journalentry AS RESTRICTIVE FOR UPDATE TO {app}, {worker}
    USING (true) WITH CHECK (status = 'draft');

-- Plain triggers, not django-pgtrigger's: those stand aside for any session that sets `pgtrigger.ignore`.
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: what is posted is never changed; reverse the entry instead',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_journalentry
    FOR EACH ROW WHEN (OLD.status = 'posted') EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_journalline
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_journalline
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- A document may be added to a posted entry, but never taken away from it.
CREATE FUNCTION ledger_keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_journalentry
               WHERE tenant_id = OLD.tenant_id AND id = OLD.entry_id AND status = 'posted') THEN
        RAISE EXCEPTION '% of % refused: the entry is posted', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_attachment
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_attachment();

-- The type of an account decides how all its lines read: frozen once it has one.
CREATE FUNCTION ledger_freeze_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_journalline WHERE tenant_id = OLD.tenant_id AND account_id = OLD.id) THEN
        RAISE EXCEPTION 'type, subtype and currency of account % are frozen: it has postings', OLD.code
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen_when_posted BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN ((OLD.type, OLD.subtype, OLD.currency) IS DISTINCT FROM (NEW.type, NEW.subtype, NEW.currency))
    EXECUTE FUNCTION ledger_freeze_account();
