-- The months of the books. `ledger_books.closed_until` is the last day of the last month in which anything is closed:
-- whoever posts after it needs to look at nothing else. What is closed up to there, `ledger_periodstate` says by month;
-- months before its first row are closed as far as `all_until`, `sales_until`, `purchases_until` go.

CREATE OR REPLACE VIEW ledger_period WITH (security_invoker = true) AS
SELECT md5(app_tenant() || to_char(m.month, 'YYYY-MM'))::uuid AS id, app_tenant() AS tenant_id,
    to_char(m.month, 'YYYY-MM') AS name, m.month AS start, (m.month + interval '1 month - 1 day')::date AS "end",
    CASE WHEN s.is_locked THEN 'locked' WHEN s.is_closed THEN 'closed' ELSE 'open' END AS status,
    CASE WHEN s.is_closed THEN '["all"]' ELSE to_jsonb(array_remove(ARRAY[
        CASE WHEN s.is_sales_closed THEN 'sales' END, CASE WHEN s.is_purchases_closed THEN 'purchases' END], NULL))
    END AS closed_scopes,
    s.closed_at, s.closed_by_id, s.reopened_at, s.reopened_by_id, COALESCE(s.reopen_reason, '') AS reopen_reason,
    s.locked_at, s.locked_by_id
FROM (
    SELECT month::date FROM generate_series(
        (SELECT date_trunc('month', min(date)) FROM ledger_journalentry WHERE status = 'posted'),
        date_trunc('month', now() + interval '1 day'), interval '1 month') month
) m
LEFT JOIN ledger_periodstate s ON s.tenant_id = app_tenant() AND s.month = m.month;

-- Whether a posting of this day and scope ('sales', 'purchases' or NULL) is refused. An entry that closes a year may be
-- dated in a closed month, and so may one with a valid exception; in a locked month nothing may.
CREATE OR REPLACE FUNCTION ledger_is_closed(
    day date, scope text, closing_year integer DEFAULT NULL, exception uuid DEFAULT NULL
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    tenant uuid := app_tenant();
    month_of date := date_trunc('month', day);
    b ledger_books;
    s ledger_periodstate;
BEGIN
    SELECT * INTO b FROM ledger_books WHERE tenant_id = tenant;
    IF b.closed_until IS NULL OR day > b.closed_until THEN
        RETURN false;
    END IF;
    SELECT * INTO s FROM ledger_periodstate WHERE tenant_id = tenant AND month = month_of;
    IF s.is_locked THEN
        RETURN true;
    END IF;
    IF NOT COALESCE(s.is_closed, day <= b.all_until, false)
        AND NOT (COALESCE(scope, '') = 'sales' AND COALESCE(s.is_sales_closed, day <= b.sales_until, false))
        AND NOT (COALESCE(scope, '') = 'purchases' AND COALESCE(s.is_purchases_closed, day <= b.purchases_until, false))
    THEN
        RETURN false;
    END IF;
    RETURN closing_year IS NULL AND NOT EXISTS (
        SELECT FROM ledger_lockexception
        WHERE tenant_id = tenant AND id = exception AND month = month_of AND expires_at > now());
END $$;

-- The first day from `day` on whose month is open for the scope.
CREATE OR REPLACE FUNCTION ledger_first_open_day(day date, scope text) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    WHILE ledger_is_closed(day, scope) LOOP
        day := date_trunc('month', day) + interval '1 month';
    END LOOP;
    RETURN day;
END $$;

-- Waits for the postings that have begun; those that begin later see what is done now.
CREATE OR REPLACE FUNCTION ledger_lock_books() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(app_tenant() || 'books', 0));
END $$;

-- Closes every month up to `last` for the scope ('all', 'sales', 'purchases'); the months that were open, in order.
CREATE OR REPLACE FUNCTION ledger_close_periods(last date, scope text, actor uuid) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid := app_tenant();
    first date;
    until date := (date_trunc('month', last) + interval '1 month - 1 day')::date;
BEGIN
    PERFORM ledger_lock_books();
    PERFORM ledger_open_books();
    SELECT date_trunc('month', min(date)) INTO first FROM ledger_journalentry
    WHERE tenant_id = tenant AND status = 'posted';
    RETURN QUERY
    INSERT INTO ledger_periodstate AS s (tenant_id, id, month, is_closed, is_sales_closed, is_purchases_closed, is_locked,
        closed_at, closed_by_id, reopen_reason)
    SELECT tenant, gen_random_uuid(), m::date, scope = 'all', scope = 'sales', scope = 'purchases', false, now(), actor, ''
    FROM generate_series(COALESCE(first, date_trunc('month', last)), date_trunc('month', last), interval '1 month') m
    ON CONFLICT (tenant_id, month) DO UPDATE SET
        is_closed = s.is_closed OR excluded.is_closed,
        is_sales_closed = s.is_sales_closed OR excluded.is_sales_closed,
        is_purchases_closed = s.is_purchases_closed OR excluded.is_purchases_closed,
        closed_at = excluded.closed_at, closed_by_id = excluded.closed_by_id
    WHERE NOT s.is_closed AND (excluded.is_closed OR excluded.is_sales_closed AND NOT s.is_sales_closed
        OR excluded.is_purchases_closed AND NOT s.is_purchases_closed)
    RETURNING s.month;
    UPDATE ledger_books SET
        closed_until = greatest(closed_until, until),
        all_until = CASE WHEN scope = 'all' THEN greatest(all_until, until) ELSE all_until END,
        sales_until = CASE WHEN scope = 'sales' THEN greatest(sales_until, until) ELSE sales_until END,
        purchases_until = CASE WHEN scope = 'purchases' THEN greatest(purchases_until, until) ELSE purchases_until END
    WHERE tenant_id = tenant;
END $$;

-- Opens one month again, for every scope; false when nothing of it is closed, or it is locked.
CREATE OR REPLACE FUNCTION ledger_reopen_period(first date, actor uuid, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledger_lock_books();
    UPDATE ledger_periodstate SET is_closed = false, is_sales_closed = false, is_purchases_closed = false,
        reopened_at = now(), reopened_by_id = actor, reopen_reason = reason
    WHERE tenant_id = app_tenant() AND month = first AND NOT is_locked
        AND (is_closed OR is_sales_closed OR is_purchases_closed);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE ledger_books SET closed_until = (
        SELECT (max(month) + interval '1 month - 1 day')::date FROM ledger_periodstate
        WHERE tenant_id = app_tenant() AND (is_closed OR is_sales_closed OR is_purchases_closed))
    WHERE tenant_id = app_tenant();
    RETURN true;
END $$;

-- Locks every month up to `last` for ever; they are closed already.
CREATE OR REPLACE FUNCTION ledger_lock_periods(last date, actor uuid) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledger_lock_books();
    RETURN QUERY
    UPDATE ledger_periodstate SET is_locked = true, locked_at = now(), locked_by_id = actor
    WHERE tenant_id = app_tenant() AND month <= last AND NOT is_locked RETURNING month;
END $$;

GRANT CREATE ON SCHEMA public TO {books};
ALTER FUNCTION ledger_close_periods(date, text, uuid) OWNER TO {books};
ALTER FUNCTION ledger_reopen_period(date, uuid, text) OWNER TO {books};
ALTER FUNCTION ledger_lock_periods(date, uuid) OWNER TO {books};
REVOKE CREATE ON SCHEMA public FROM {books};
REVOKE ALL ON FUNCTION ledger_close_periods(date, text, uuid), ledger_reopen_period(date, uuid, text),
    ledger_lock_periods(date, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_close_periods(date, text, uuid), ledger_reopen_period(date, uuid, text),
    ledger_lock_periods(date, uuid) TO {app};
GRANT SELECT ON ledger_period TO {app};
GRANT SELECT ON ledger_period TO {worker};
