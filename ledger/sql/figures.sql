-- What reports stand on: the kept balances of several days at once, as they are, or as they were when the event of the
-- number `known` was the last one.

-- What was posted after that event, by account and day: in the account's currency, and in base. The lines are found by
-- their entries, so it costs what was posted since, however much there was before.
CREATE OR REPLACE FUNCTION ledger_posted_after(known bigint)
RETURNS TABLE (account uuid, day date, debit numeric, credit numeric, base_debit numeric, base_credit numeric)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN QUERY
    SELECT l.account_id, l.date,
        sum(CASE l.currency WHEN l.account_currency THEN l.debit WHEN l.base_currency THEN 0 ELSE l.base_debit END),
        sum(CASE l.currency WHEN l.account_currency THEN l.credit WHEN l.base_currency THEN 0 ELSE l.base_credit END),
        sum(COALESCE(l.base_debit, 0)), sum(COALESCE(l.base_credit, 0))
    FROM events_after(known, '{journal_entry.posted}') e
    JOIN ledger_journalline l ON l.tenant_id = tenant AND l.entry_id = e.object_id
    GROUP BY 1, 2;
END $$;

-- Accounts as they were then: what was changed later has its value before the first of these changes.
CREATE OR REPLACE FUNCTION ledger_accounts_known(known bigint) RETURNS SETOF ledger_account
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant uuid := app_tenant();
BEGIN
    IF known IS NULL THEN
        RETURN QUERY SELECT * FROM ledger_account WHERE tenant_id = tenant;
    ELSE
        RETURN QUERY
        SELECT (jsonb_populate_record(a, COALESCE(was.fields, '{}'))).*
        FROM ledger_account a
        LEFT JOIN (
            SELECT e.object_id, jsonb_object_agg(field.key, field.value ORDER BY e.seq DESC) AS fields
            FROM events_after(known, '{account.updated}') e, jsonb_each(e.previous::jsonb) field
            WHERE field.key IN ('code', 'name', 'type', 'subtype', 'currency', 'cash_flow', 'purpose')
            GROUP BY 1
        ) was ON was.object_id = a.id
        WHERE a.tenant_id = tenant;
    END IF;
END $$;

-- Debit less credit of each account at the end of each of `days`, in its own currency and in base.
CREATE OR REPLACE FUNCTION ledger_figures(types text[], days date[], known bigint)
RETURNS TABLE (account uuid, nets numeric[], base_nets numeric[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    accounts uuid[] := ARRAY(SELECT id FROM ledger_account WHERE tenant_id = tenant AND type = ANY (types));
BEGIN
    IF known IS NULL THEN
        RETURN QUERY
        SELECT b.account, array_agg(b.net ORDER BY d.place), array_agg(b.base_net ORDER BY d.place)
        FROM unnest(days) WITH ORDINALITY d(day, place), ledger_balances_on(accounts, d.day) b GROUP BY b.account;
    ELSE
        RETURN QUERY
        WITH later AS MATERIALIZED (SELECT * FROM ledger_posted_after(known))
        SELECT b.account, array_agg(b.net - COALESCE(l.net, 0) ORDER BY d.place),
            array_agg(b.base_net - COALESCE(l.base_net, 0) ORDER BY d.place)
        FROM unnest(days) WITH ORDINALITY d(day, place)
        CROSS JOIN ledger_balances_on(accounts, d.day) b
        LEFT JOIN LATERAL (
            SELECT later.account, sum(debit - credit) AS net, sum(base_debit - base_credit) AS base_net
            FROM later WHERE later.day <= d.day GROUP BY 1
        ) l ON l.account = b.account
        GROUP BY b.account;
    END IF;
END $$;

-- The results of fiscal years that begin in `month`, each named by the year it begins in, at the end of each of `days`:
-- whole months, then the days of the month that is cut, then slots.
CREATE OR REPLACE FUNCTION ledger_results(month integer, days date[], known bigint)
RETURNS TABLE (day date, year integer, net numeric)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
    accounts uuid[] := ARRAY(
        SELECT id FROM ledger_account WHERE tenant_id = tenant AND type IN ('revenue', 'expense'));
BEGIN
    RETURN QUERY
    SELECT d.day, extract(year FROM facts.day - make_interval(months => month - 1))::integer AS year, sum(facts.net)
    FROM unnest(days) d(day)
    CROSS JOIN LATERAL (
        SELECT m.month AS day, m.base_credit - m.base_debit AS net FROM ledger_accountmonth m
        WHERE m.tenant_id = tenant AND m.account_id = ANY (accounts) AND m.month < date_trunc('month', d.day)::date
        UNION ALL
        SELECT k.day, k.base_credit - k.base_debit FROM ledger_accountday k
        WHERE k.tenant_id = tenant AND k.account_id = ANY (accounts)
          AND k.day BETWEEN date_trunc('month', d.day)::date AND d.day
        UNION ALL
        SELECT s.day, s.base_credit - s.base_debit FROM ledger_accountbalance s
        WHERE s.tenant_id = tenant AND s.account_id = ANY (accounts) AND s.day <= d.day
        UNION ALL
        SELECT l.day, l.base_debit - l.base_credit FROM ledger_posted_after(known) l
        WHERE known IS NOT NULL AND l.account = ANY (accounts) AND l.day <= d.day
    ) facts
    GROUP BY 1, 2 HAVING sum(facts.net) <> 0 ORDER BY 1, 2;
END $$;

-- What investing and financing without cash did to each of `accounts`, which are all of those kinds, in up to two periods
-- of which `days` are the day before and the last one: credit less debit in base of entries with lines on no other
-- account (land for a note). They are in no cash flow statement (IAS 7.43), and add up to nothing.
CREATE OR REPLACE FUNCTION ledger_without_cash(accounts uuid[], days date[], known bigint)
RETURNS TABLE (account uuid, amounts numeric[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    later uuid[] := CASE WHEN known IS NULL THEN '{}'
        ELSE ARRAY(SELECT object_id FROM events_after(known, '{journal_entry.posted}')) END;
BEGIN
    RETURN QUERY
    SELECT l.account_id, ARRAY[
        COALESCE(sum(l.base_credit - l.base_debit) FILTER (WHERE p.period = 1), 0),
        COALESCE(sum(l.base_credit - l.base_debit) FILTER (WHERE p.period = 2), 0)]
    FROM generate_series(1, cardinality(days) / 2) p(period)
    CROSS JOIN unnest(accounts) a(id)
    JOIN ledger_journalline l ON l.tenant_id = tenant AND l.account_id = a.id
        AND l.date > days[2 * p.period - 1] AND l.date <= days[2 * p.period]
    WHERE NOT l.entry_id = ANY (later) AND NOT EXISTS (
        SELECT FROM ledger_journalline other
        WHERE other.tenant_id = tenant AND other.entry_id = l.entry_id AND NOT other.account_id = ANY (accounts))
    GROUP BY 1;
END $$;

-- What was debited and credited to each account from `start` to `until`, in base.
CREATE OR REPLACE FUNCTION ledger_turnover(accounts uuid[], start date, until date, known bigint)
RETURNS TABLE (account uuid, debit numeric, credit numeric)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN QUERY
    WITH later AS MATERIALIZED (
        SELECT l.account, sum(l.base_debit) AS debit, sum(l.base_credit) AS credit FROM ledger_posted_after(known) l
        WHERE known IS NOT NULL AND l.day BETWEEN start AND until GROUP BY 1
    )
    SELECT a.id, sum(s.debit * b.sign) - COALESCE(max(later.debit), 0),
        sum(s.credit * b.sign) - COALESCE(max(later.credit), 0)
    FROM unnest(accounts) AS a(id)
    CROSS JOIN (VALUES (until, 1), (start - 1, -1)) b(day, sign)
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(part.debit), 0) AS debit, COALESCE(sum(part.credit), 0) AS credit FROM (
            SELECT m.base_debit AS debit, m.base_credit AS credit FROM ledger_accountmonth m
            WHERE m.tenant_id = tenant AND m.account_id = a.id AND m.month < date_trunc('month', b.day)::date
            UNION ALL
            SELECT k.base_debit, k.base_credit FROM ledger_accountday k
            WHERE k.tenant_id = tenant AND k.account_id = a.id
              AND k.day BETWEEN date_trunc('month', b.day)::date AND b.day
            UNION ALL
            SELECT t.base_debit, t.base_credit FROM ledger_accountbalance t
            WHERE t.tenant_id = tenant AND t.account_id = a.id AND t.day <= b.day
        ) part
    ) s
    LEFT JOIN later ON later.account = a.id
    GROUP BY a.id;
END $$;

-- The lines of accounts from `start` to `until` that are worth anything in base, account by account in the order given
-- and by day; of the first account only those after `after_day` and `after_id`. At most so many: it reads no more.
CREATE OR REPLACE FUNCTION ledger_lines(
    accounts uuid[], start date, until date, known bigint, after_day date, after_id uuid, most integer
) RETURNS TABLE (
    account uuid, id uuid, day date, entry uuid, number varchar, description varchar, debit numeric, credit numeric)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
    later uuid[] := CASE WHEN known IS NULL THEN '{}'
        ELSE ARRAY(SELECT object_id FROM events_after(known, '{journal_entry.posted}')) END;
    one uuid;
    found bigint;
BEGIN
    FOREACH one IN ARRAY accounts LOOP
        RETURN QUERY
        SELECT one, l.id, l.date, e.id, e.number, COALESCE(NULLIF(l.description, ''), e.description)::varchar,
            l.base_debit, l.base_credit
        FROM ledger_journalline l
        JOIN ledger_journalentry e ON e.tenant_id = tenant AND e.id = l.entry_id
        WHERE l.tenant_id = tenant AND l.account_id = one AND l.date BETWEEN GREATEST(start, after_day) AND until
          AND (after_day IS NULL OR (l.date, l.id) > (after_day, after_id))
          AND l.base_debit IS NOT NULL AND NOT l.entry_id = ANY (later)
        ORDER BY l.date, l.id LIMIT most;
        GET DIAGNOSTICS found = ROW_COUNT;
        most := most - found;
        EXIT WHEN most <= 0;
        after_day := NULL;
    END LOOP;
END $$;

-- As `ledger_figures`, for periods: `days` are the day before each and its last one. The figures of a last day leave out what
-- entries that close a year moved in its period, unless they are wanted; `leaves_out` says whether there is any.
CREATE OR REPLACE FUNCTION ledger_flows(types text[], days date[], known bigint, with_closing boolean DEFAULT false)
RETURNS TABLE (account uuid, nets numeric[], base_nets numeric[], leaves_out boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    tenant uuid := app_tenant();
    closing uuid[] := CASE WHEN with_closing THEN '{}' ELSE ARRAY(
        SELECT id FROM ledger_journalentry WHERE tenant_id = tenant AND closing_year IS NOT NULL
        AND date BETWEEN (SELECT min(d) FROM unnest(days) d) AND (SELECT max(d) FROM unnest(days) d)) END;
    later uuid[] := CASE WHEN known IS NULL OR closing = '{}' THEN '{}'
        ELSE ARRAY(SELECT object_id FROM events_after(known, '{journal_entry.posted}')) END;
BEGIN
    IF closing = '{}' THEN
        RETURN QUERY SELECT f.account, f.nets, f.base_nets, false FROM ledger_figures(types, days, known) f;
        RETURN;
    END IF;
    RETURN QUERY
    WITH closed AS MATERIALIZED (
        SELECT l.account_id, 2 * p.period AS place, sum(l.base_debit - l.base_credit) AS base_net,
            sum(CASE l.currency WHEN l.account_currency THEN l.debit - l.credit WHEN l.base_currency THEN 0
                ELSE l.base_debit - l.base_credit END) AS net
        FROM generate_series(1, cardinality(days) / 2) p(period)
        JOIN ledger_journalline l ON l.tenant_id = tenant AND l.entry_id = ANY (closing)
            AND l.date > days[2 * p.period - 1] AND l.date <= days[2 * p.period]
        WHERE NOT l.entry_id = ANY (later) GROUP BY 1, 2
    )
    SELECT f.account,
        ARRAY(SELECT f.nets[d.place] - COALESCE(c.net, 0) FROM generate_subscripts(days, 1) d(place)
              LEFT JOIN closed c ON c.account_id = f.account AND c.place = d.place ORDER BY d.place),
        ARRAY(SELECT f.base_nets[d.place] - COALESCE(c.base_net, 0) FROM generate_subscripts(days, 1) d(place)
              LEFT JOIN closed c ON c.account_id = f.account AND c.place = d.place ORDER BY d.place),
        EXISTS (SELECT FROM closed c WHERE c.account_id = f.account)
    FROM ledger_figures(types, days, known) f;
END $$;
