-- What was posted to an account in a month, in up to sixteen slots. Writers of a busy account each add to a
-- slot of their own, so that they do not queue behind one row; a reader sums the slots, and
-- ledger_fold_balances() merges those of months gone by. Half-empty pages keep the updates in place (HOT).
CREATE TABLE ledger_accountbalance (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    month date NOT NULL,
    slot smallint NOT NULL,
    debit numeric(28, 4) NOT NULL,
    credit numeric(28, 4) NOT NULL,
    PRIMARY KEY (tenant_id, account_id, month, slot),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id)
) WITH (fillfactor = 50);
ALTER TABLE ledger_accountbalance ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_accountbalance FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ledger_accountbalance
    USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON ledger_accountbalance TO {owner}, {worker} USING (true) WITH CHECK (true);
REVOKE INSERT, UPDATE, DELETE ON ledger_accountbalance FROM {app}, {worker};
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_accountbalance TO {books};

-- An account's balances are read as one figure everywhere: debit less credit.
CREATE FUNCTION ledger_balance(account uuid) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(sum(debit - credit), 0) FROM ledger_accountbalance
    WHERE tenant_id = app_tenant() AND account_id = account
$$;

-- Folds the slots of months before `before` into slot 0, for the tenant in context. The same locks as a
-- posting, in the same order, so that both may run at once.
CREATE FUNCTION ledger_fold_balances(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE folded integer;
BEGIN
    PERFORM FROM ledger_accountbalance WHERE tenant_id = app_tenant() AND month < before
    ORDER BY account_id, month, slot FOR UPDATE;
    WITH gone AS (
        DELETE FROM ledger_accountbalance WHERE tenant_id = app_tenant() AND month < before AND slot > 0
        RETURNING account_id, month, debit, credit
    ), sums AS (
        SELECT account_id, month, sum(debit) AS debit, sum(credit) AS credit FROM gone GROUP BY 1, 2
    )
    INSERT INTO ledger_accountbalance AS kept (tenant_id, account_id, month, slot, debit, credit)
    SELECT app_tenant(), account_id, month, 0, debit, credit FROM sums ORDER BY account_id, month
    ON CONFLICT (tenant_id, account_id, month, slot)
    DO UPDATE SET debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit;
    GET DIAGNOSTICS folded = ROW_COUNT;
    RETURN folded;
END $$;
GRANT CREATE ON SCHEMA public TO {books};
ALTER FUNCTION ledger_fold_balances(date) OWNER TO {books};
REVOKE CREATE ON SCHEMA public FROM {books};
REVOKE ALL ON FUNCTION ledger_fold_balances(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_fold_balances(date) TO {app};
