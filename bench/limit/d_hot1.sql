-- The same with one account in every entry, so that all writers meet at its balance row.
\set b random(2, 100)
\set m random(1, 100000)
WITH e AS (
    INSERT INTO entry (tenant, day, ref, memo) VALUES (0, current_date, 'JE', 'monthly rent payment') RETURNING id
), l AS (
    INSERT INTO line (entry_id, account_id, amount, memo)
    SELECT e.id, v.account, v.amount, v.memo
    FROM e, (VALUES (1, :m::numeric, 'rent'), (:b::int, -(:m::numeric), 'cash')) v(account, amount, memo)
)
UPDATE balance SET debit = debit + v.dr, credit = credit + v.cr
FROM (VALUES (1, :m::numeric, 0::numeric), (:b::int, 0::numeric, :m::numeric)) v(id, dr, cr)
WHERE account_id = v.id;
