-- What an account has: debit less credit, in its own currency and in base, up to and with the day `as_of` ('infinity' for
-- all there is). Whole months, then the days of the month that is cut, then the slots that are not folded yet: for each
-- account a few rows by key, however many lines there are. The settings leave no other plan than those keys, so
-- that the cost does not depend on statistics, which come only some time after a large load.
CREATE OR REPLACE FUNCTION ledger_balances_on(accounts uuid[], as_of date)
RETURNS TABLE (account uuid, net numeric, base_net numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    first_of_month date := date_trunc('month', as_of);
BEGIN
    RETURN QUERY
    SELECT a.id, m.net + d.net + s.net, m.base_net + d.base_net + s.base_net
    FROM unnest(accounts) AS a(id)
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(debit - credit), 0) AS net, COALESCE(sum(base_debit - base_credit), 0) AS base_net
        FROM ledger_accountmonth WHERE tenant_id = tenant AND account_id = a.id AND month < first_of_month) m
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(debit - credit), 0) AS net, COALESCE(sum(base_debit - base_credit), 0) AS base_net
        FROM ledger_accountday
        WHERE tenant_id = tenant AND account_id = a.id AND day BETWEEN first_of_month AND as_of) d
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(debit - credit), 0) AS net, COALESCE(sum(base_debit - base_credit), 0) AS base_net
        FROM ledger_accountbalance WHERE tenant_id = tenant AND account_id = a.id AND day <= as_of) s;
END $$;

-- An account's balance today and in all days to come, in its own currency.
CREATE OR REPLACE FUNCTION ledger_balance(account uuid) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE((SELECT sum(debit - credit) FROM ledger_accountmonth
                     WHERE tenant_id = app_tenant() AND account_id = account), 0)
         + COALESCE((SELECT sum(debit - credit) FROM ledger_accountbalance
                     WHERE tenant_id = app_tenant() AND account_id = account), 0)
$$;

-- Adds to the days and months of the tenant in context what `entries` move, and what is in the slots of postings before;
-- the answer is how many slots there were, or NULL, and nothing is done, when somebody else does so now.
-- It waits for nobody: what another transaction has locked stays for the next time, and
-- nobody else touches days and months meanwhile. No caller but the functions of the books: it would believe any.
CREATE OR REPLACE FUNCTION ledger_fold_with(entries jsonb, base text) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
    folded integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended(tenant || 'fold', 0)) THEN
        RETURN NULL;
    END IF;
    WITH gone AS (
        DELETE FROM ledger_accountbalance WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM ledger_accountbalance WHERE tenant_id = tenant FOR UPDATE SKIP LOCKED))
        RETURNING account_id, day, debit, credit, base_debit, base_credit
    ), moved AS MATERIALIZED (
        SELECT * FROM gone UNION ALL SELECT * FROM ledger_movements(entries, base)
    ), days AS (
        INSERT INTO ledger_accountday AS kept (tenant_id, account_id, day, debit, credit, base_debit, base_credit)
        SELECT tenant, account_id, day, sum(debit), sum(credit), sum(base_debit), sum(base_credit)
        FROM moved GROUP BY 2, 3
        ON CONFLICT (tenant_id, account_id, day) DO UPDATE SET
            debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
            base_debit = kept.base_debit + excluded.base_debit, base_credit = kept.base_credit + excluded.base_credit
    ), months AS (
        INSERT INTO ledger_accountmonth AS kept (tenant_id, account_id, month, debit, credit, base_debit, base_credit)
        SELECT tenant, account_id, date_trunc('month', day)::date, sum(debit), sum(credit), sum(base_debit),
            sum(base_credit)
        FROM moved GROUP BY 2, 3
        ON CONFLICT (tenant_id, account_id, month) DO UPDATE SET
            debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit,
            base_debit = kept.base_debit + excluded.base_debit, base_credit = kept.base_credit + excluded.base_credit
    )
    SELECT count(*) INTO folded FROM gone;
    RETURN folded;
END $$;

-- Moves the slots of the tenant in context to the days and months; the answer is how many there were.
CREATE OR REPLACE FUNCTION ledger_fold_balances() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT COALESCE(ledger_fold_with('[]', ''), 0)
$$;
GRANT CREATE ON SCHEMA public TO {books};
ALTER FUNCTION ledger_fold_with(jsonb, text) OWNER TO {books};
ALTER FUNCTION ledger_fold_balances() OWNER TO {books};
REVOKE CREATE ON SCHEMA public FROM {books};
REVOKE ALL ON FUNCTION ledger_fold_with(jsonb, text), ledger_fold_balances() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_fold_balances() TO {app};
