-- One account in every entry again, its balance in sixteen slots: what the product does.
\set b random(2, 100)
\set m random(1, 100000)
WITH e AS (
    INSERT INTO entry (tenant, day, ref, memo) VALUES (0, current_date, 'JE', 'monthly rent payment') RETURNING id
), l AS (
    INSERT INTO line (entry_id, account_id, amount, memo)
    SELECT e.id, v.account, v.amount, v.memo
    FROM e, (VALUES (1, :m::numeric, 'rent'), (:b::int, -(:m::numeric), 'cash')) v(account, amount, memo)
)
INSERT INTO slot_balance AS kept
SELECT v.id, date_trunc('month', current_date), pg_backend_pid() % 16, v.dr, v.cr
FROM (VALUES (1, :m::numeric, 0::numeric), (:b::int, 0::numeric, :m::numeric)) v(id, dr, cr)
ON CONFLICT (account_id, month, slot)
DO UPDATE SET debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit;
