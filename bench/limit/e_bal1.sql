-- One statement, one commit: an entry, its two lines, both balances. Tenants and accounts at random.
\set t random(0, 99)
\set a random(1, 99)
\set b random(:a + 1, 100)
\set m random(1, 100000)
WITH e AS (
    INSERT INTO entry (tenant, day, ref, memo) VALUES (:t, current_date, 'JE', 'monthly rent payment') RETURNING id
), l AS (
    INSERT INTO line (entry_id, account_id, amount, memo)
    SELECT e.id, :t * 100 + v.account, v.amount, v.memo
    FROM e, (VALUES (:a::int, :m::numeric, 'rent'), (:b::int, -(:m::numeric), 'cash')) v(account, amount, memo)
)
UPDATE balance SET debit = debit + v.dr, credit = credit + v.cr
FROM (VALUES (:t * 100 + :a::int, :m::numeric, 0::numeric), (:t * 100 + :b::int, 0::numeric, :m::numeric))
    v(id, dr, cr)
WHERE account_id = v.id;
