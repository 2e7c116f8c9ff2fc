-- An account's balances are read as one figure everywhere: debit less credit.
CREATE OR REPLACE FUNCTION ledger_balance(account uuid) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(sum(debit - credit), 0) FROM ledger_accountbalance
    WHERE tenant_id = app_tenant() AND account_id = account
$$;

-- Folds the slots of months before `before` into slot 0, for the tenant in context. The same locks as a
-- posting, in the same order, so that both may run at once.
CREATE OR REPLACE FUNCTION ledger_fold_balances(before date) RETURNS integer
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
