-- Everything that the dashboard shows, as JSON with amounts as texts. STABLE: the functions and statements inside read the
-- snapshot of the statement that calls it, so the figures and the number of the last event belong together. Balances are
-- read from the kept ones by key, open invoices and latest rows by index, however long the books are. The settings leave no
-- other plan, as in ledger_balances_on.
CREATE OR REPLACE FUNCTION dashboard_figures(today date, base text, most integer) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    this_month date := date_trunc('month', today);
    last_month date := this_month - interval '1 month';
    first_month date := this_month - interval '11 months';
    same_day date := LEAST(last_month + (today - this_month), this_month - 1);
    -- Where payments arrive, and what is reconciled with a bank's statement.
    cash uuid[] := ARRAY(SELECT id FROM ledger_account WHERE tenant_id = tenant AND type = 'asset' AND (
        purpose = 'cash_receipts'
        OR subtype = 'current_asset' AND is_reconcilable AND purpose <> 'accounts_receivable'));
    revenue uuid[] := ARRAY(SELECT id FROM ledger_account WHERE tenant_id = tenant AND subtype = 'operating_revenue');
BEGIN
    RETURN json_build_object(
        'as_of_seq', COALESCE((SELECT seq FROM events_head WHERE tenant_id = tenant), 0),
        'unnumbered_events', (SELECT count(*) FROM events_pending WHERE tenant_id = tenant),
        'cash', (SELECT COALESCE(json_agg(json_build_object(
                'id', a.id, 'code', a.code, 'name', a.name, 'balance', b.base_net::text) ORDER BY a.code_order), '[]')
            FROM ledger_balances_on(cash, today) b
            JOIN ledger_account a ON a.tenant_id = tenant AND a.id = b.account),
        'opening', (SELECT COALESCE(sum(base_net), 0)::text FROM ledger_balances_on(cash, first_month - 1)),
        'months', (SELECT json_agg(json_build_object('month', m.month, 'change',
                (CASE WHEN m.month = this_month THEN dashboard_moved(cash, this_month, today)
                      ELSE dashboard_moved_in_month(cash, m.month) END)::text) ORDER BY m.month)
            FROM (SELECT (first_month + n * interval '1 month')::date AS month FROM generate_series(0, 11) n) m),
        'revenue', json_build_object(
            'this_month', (-dashboard_moved(revenue, this_month, today))::text,
            'last_month', (-dashboard_moved_in_month(revenue, last_month))::text,
            'last_month_to_same_day', (-dashboard_moved(revenue, last_month, same_day))::text),
        'receivables', (SELECT COALESCE(json_agg(r), '[]') FROM dashboard_receivables(today) r),
        'invoices', (SELECT COALESCE(json_agg(json_build_object(
                'id', i.id, 'number', i.number, 'customer_id', i.customer_id, 'customer_name', c.name,
                'status', i.status, 'due_date', i.due_date, 'currency', i.currency, 'total', i.total::text,
                'amount_due', i.amount_due::text, 'sent_at', i.sent_at) ORDER BY i.sent_at DESC, i.id DESC), '[]')
            FROM (SELECT * FROM invoicing_invoice WHERE tenant_id = tenant AND sent_at IS NOT NULL
                  ORDER BY sent_at DESC, id DESC LIMIT most) i
            JOIN customers_customer c ON c.tenant_id = tenant AND c.id = i.customer_id),
        'payments', (SELECT COALESCE(json_agg(json_build_object(
                'id', p.id, 'customer_id', p.customer_id, 'customer_name', c.name, 'status', p.status,
                'method', p.method, 'date', p.payment_date, 'currency', p.currency, 'amount', p.amount::text)
                ORDER BY p.id DESC), '[]')
            FROM (SELECT * FROM invoicing_payment WHERE tenant_id = tenant ORDER BY id DESC LIMIT most) p
            JOIN customers_customer c ON c.tenant_id = tenant AND c.id = p.customer_id),
        'entries', (SELECT COALESCE(json_agg(e), '[]') FROM dashboard_entries(most) e))::text;
END $$;

-- Debit less credit in base of these accounts from one day to another of the same month, both included.
CREATE OR REPLACE FUNCTION dashboard_moved(accounts uuid[], start date, until date) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    moved numeric;
BEGIN
    SELECT COALESCE(sum(d.net), 0) INTO moved FROM unnest(accounts) a(id) CROSS JOIN LATERAL (
        SELECT sum(base_debit - base_credit) AS net FROM ledger_accountday
        WHERE tenant_id = tenant AND account_id = a.id AND day BETWEEN start AND until
        UNION ALL
        SELECT sum(base_debit - base_credit) FROM ledger_accountbalance
        WHERE tenant_id = tenant AND account_id = a.id AND day BETWEEN start AND until) d;
    RETURN moved;
END $$;

-- The same for a whole month, which its first day names.
CREATE OR REPLACE FUNCTION dashboard_moved_in_month(accounts uuid[], wanted date) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    last date := wanted + interval '1 month' - interval '1 day';
    moved numeric;
BEGIN
    SELECT COALESCE(sum(d.net), 0) INTO moved FROM unnest(accounts) a(id) CROSS JOIN LATERAL (
        SELECT base_debit - base_credit AS net FROM ledger_accountmonth
        WHERE tenant_id = tenant AND account_id = a.id AND month = wanted
        UNION ALL
        SELECT sum(base_debit - base_credit) FROM ledger_accountbalance
        WHERE tenant_id = tenant AND account_id = a.id AND day BETWEEN wanted AND last) d;
    RETURN moved;
END $$;

-- What is due on issued invoices, by currency and by how long it is overdue; the open ones alone are read.
CREATE OR REPLACE FUNCTION dashboard_receivables(today date) RETURNS TABLE (
    currency varchar, open_invoices bigint, overdue_invoices bigint, current text, days_1_30 text, days_31_60 text,
    days_61_90 text, days_over_90 text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT i.currency, count(*), count(*) FILTER (WHERE i.due_date < today),
        COALESCE(sum(i.amount_due) FILTER (WHERE today - i.due_date <= 0), 0)::text,
        COALESCE(sum(i.amount_due) FILTER (WHERE today - i.due_date BETWEEN 1 AND 30), 0)::text,
        COALESCE(sum(i.amount_due) FILTER (WHERE today - i.due_date BETWEEN 31 AND 60), 0)::text,
        COALESCE(sum(i.amount_due) FILTER (WHERE today - i.due_date BETWEEN 61 AND 90), 0)::text,
        COALESCE(sum(i.amount_due) FILTER (WHERE today - i.due_date > 90), 0)::text
    FROM invoicing_invoice i
    WHERE i.tenant_id = app_tenant() AND i.amount_due > 0 AND i.sent_at IS NOT NULL
    GROUP BY i.currency ORDER BY i.currency;
END $$;

-- The entries posted last. An entry has the time of its making in its id, but an invoice's entry has the id of the invoice,
-- which may have been a draft for long; so those of the invoices sent last are looked at, too.
CREATE OR REPLACE FUNCTION dashboard_entries(most integer) RETURNS TABLE (
    id uuid, number varchar, date date, description varchar, currency varchar, total text, posted_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN QUERY
    SELECT e.id, e.number, e.date, e.description, e.currency, e.total_debit::text, e.posted_at
    FROM ledger_journalentry e
    WHERE e.tenant_id = tenant AND e.id IN (
        (SELECT n.id FROM ledger_journalentry n WHERE n.tenant_id = tenant AND n.status = 'posted'
         ORDER BY n.id DESC LIMIT most)
        UNION
        (SELECT i.journal_entry_id FROM invoicing_invoice i
         WHERE i.tenant_id = tenant AND i.sent_at IS NOT NULL ORDER BY i.sent_at DESC, i.id DESC LIMIT most))
    ORDER BY e.posted_at DESC, e.id DESC LIMIT most;
END $$;
