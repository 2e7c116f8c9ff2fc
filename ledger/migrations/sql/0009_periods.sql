-- Periods: what of the books is closed, by scope. Only the functions of the books write it.
ALTER TABLE ledger_books ADD COLUMN all_until date, ADD COLUMN sales_until date, ADD COLUMN purchases_until date;
UPDATE ledger_books SET all_until = closed_until;
REVOKE INSERT, UPDATE, DELETE ON ledger_periodstate FROM {app}, {worker};
GRANT SELECT, INSERT, UPDATE ON ledger_periodstate TO {books};
GRANT SELECT ON ledger_lockexception TO {books};
DROP FUNCTION IF EXISTS ledger_close_books(date);
