-- Plain triggers, not django-pgtrigger's: those stand aside for any session that sets `pgtrigger.ignore`.
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: what is posted is never changed; reverse the entry instead',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_journalentry
    FOR EACH ROW WHEN (OLD.status = 'posted') EXECUTE FUNCTION ledger_refuse_change();
CREATE OR REPLACE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_journalline
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON ledger_journalline
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- A line that is not in base, or not on an account in base. One in another currency has all of its worth in base, or nothing
-- of it, and that on an account in its own currency only; what is worth less than half the smallest unit of the base
-- currency has a base amount of 0. One in base on an account in another currency changes what that is worth, not what is on
-- it: a revaluation alone. One trigger, whose condition PostgreSQL reads anew for each statement.
CREATE OR REPLACE FUNCTION ledger_check_foreign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.currency = NEW.base_currency THEN
        IF NOT EXISTS (SELECT FROM ledger_journalentry
                       WHERE tenant_id = NEW.tenant_id AND id = NEW.entry_id AND source LIKE 'fxr\_%') THEN
            RAISE check_violation USING MESSAGE = format('an account in %s takes no line in %s', NEW.account_currency,
                NEW.currency);
        END IF;
        RETURN NEW;
    END IF;
    IF num_nulls(NEW.base_debit, NEW.base_credit, NEW.exchange_rate) = 3 AND NEW.account_currency = NEW.currency THEN
        RETURN NEW;
    END IF;
    IF num_nulls(NEW.base_debit, NEW.base_credit, NEW.exchange_rate) > 0
        OR NEW.account_currency NOT IN (NEW.currency, NEW.base_currency)
        OR NEW.exchange_rate <= 0 OR NEW.exchange_rate >= 1e10
        OR NEW.base_debit < 0 OR NEW.base_debit >= 1e15 OR NEW.base_debit > 0 AND NEW.debit = 0
        OR NEW.base_credit < 0 OR NEW.base_credit >= 1e15 OR NEW.base_credit > 0 AND NEW.credit = 0
    THEN
        RAISE check_violation USING MESSAGE = format('%s / %s %s on an account in %s is not worth %s / %s %s at %s',
            NEW.debit, NEW.credit, NEW.currency, NEW.account_currency, NEW.base_debit, NEW.base_credit,
            NEW.base_currency, NEW.exchange_rate);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER foreign_is_worth BEFORE INSERT ON ledger_journalline
    FOR EACH ROW WHEN (NEW.currency <> NEW.base_currency OR NEW.account_currency <> NEW.base_currency)
    EXECUTE FUNCTION ledger_check_foreign();

-- A document may be added to a posted entry, but never taken away from it.
CREATE OR REPLACE FUNCTION ledger_keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_journalentry
               WHERE tenant_id = OLD.tenant_id AND id = OLD.entry_id AND status = 'posted') THEN
        RAISE EXCEPTION '% of % refused: the entry is posted', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER posted_is_immutable BEFORE UPDATE OR DELETE ON ledger_attachment
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_attachment();

-- The type of an account decides how all its lines read: frozen once it has one.
CREATE OR REPLACE FUNCTION ledger_freeze_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_journalline WHERE tenant_id = OLD.tenant_id AND account_id = OLD.id) THEN
        RAISE EXCEPTION 'type, subtype and currency of account % are frozen: it has postings', OLD.code
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen_when_posted BEFORE UPDATE ON ledger_account
    FOR EACH ROW WHEN ((OLD.type, OLD.subtype, OLD.currency) IS DISTINCT FROM (NEW.type, NEW.subtype, NEW.currency))
    EXECUTE FUNCTION ledger_freeze_account();
