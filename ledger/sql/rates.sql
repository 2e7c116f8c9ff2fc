-- The rate of each of `wanted` (a currency on a day) in `quote`: units of it for one unit, of the newest day not after the
-- wanted one and at most `within` days before it. On one day a rate that was given comes before its inverse, and both
-- before one through a third currency, as the central banks quote all of theirs in one. None, no row.
CREATE OR REPLACE FUNCTION ledger_rates_on(wanted text[], days date[], quote text, kind text, within integer)
RETURNS TABLE (place bigint, rate numeric, day date)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := app_tenant();
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT w.currency, w.day AS until, w.day - within AS since, w.place
        FROM unnest(wanted, days) WITH ORDINALITY AS w(currency, day, place)
    ), edges AS (  -- from each wanted currency, and from `quote`, to any other: `up` units of it for `down`
        SELECT a.place, n.side, r.quote_currency AS other, r.date, r.rate AS up, 1::numeric AS down, 0 AS turned
        FROM asked a CROSS JOIN LATERAL (VALUES (1, a.currency), (2, quote)) AS n(side, currency)
        JOIN ledger_exchangerate r ON r.tenant_id = tenant AND r.type = kind AND r.currency = n.currency
            AND r.date BETWEEN a.since AND a.until
        UNION ALL
        SELECT a.place, n.side, r.currency, r.date, 1, r.rate, 1
        FROM asked a CROSS JOIN LATERAL (VALUES (1, a.currency), (2, quote)) AS n(side, currency)
        JOIN ledger_exchangerate r ON r.tenant_id = tenant AND r.type = kind AND r.quote_currency = n.currency
            AND r.date BETWEEN a.since AND a.until
    ), ways AS (
        SELECT e.place, e.date, e.turned AS way, e.other, round(e.up / e.down, 10) AS rate
        FROM edges e WHERE e.side = 1 AND e.other = quote
        UNION ALL
        SELECT a.place, a.date, 2, a.other, round((a.up * b.down) / (a.down * b.up), 10)
        FROM edges a JOIN edges b ON b.place = a.place AND b.side = 2 AND b.other = a.other AND b.date = a.date
        WHERE a.side = 1 AND a.other <> quote
    )
    SELECT DISTINCT ON (place) place, rate, date FROM ways
    WHERE rate > 0 AND rate < 1e10 ORDER BY place, date DESC, way, other;
END $$;
