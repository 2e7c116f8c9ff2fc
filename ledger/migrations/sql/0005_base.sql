-- The base currency of the books, and the last day on which they are closed; one row for a tenant, from its first
-- posting on. The key holds the tenant to its base currency from then on.
CREATE TABLE ledger_books (
    tenant_id uuid PRIMARY KEY,
    base_currency varchar(3) NOT NULL,
    closed_until date,
    FOREIGN KEY (tenant_id, base_currency) REFERENCES tenants_tenant (id, base_currency)
);
ALTER TABLE ledger_books ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_books FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ledger_books USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON ledger_books TO {owner}, {worker} USING (true) WITH CHECK (true);
REVOKE INSERT, UPDATE, DELETE ON ledger_books FROM {app}, {worker};
GRANT SELECT, INSERT, UPDATE ON ledger_books TO {books};
GRANT SELECT ON tenants_tenant TO {books};

INSERT INTO ledger_books (tenant_id, base_currency)
SELECT id, base_currency FROM tenants_tenant t
WHERE EXISTS (SELECT FROM ledger_journalentry e WHERE e.tenant_id = t.id AND e.status = 'posted');

-- What stands in the books was posted without rates: what is in the base currency is worth itself, and what is not has
-- no base amount yet. The triggers that keep posted rows stand aside for this transaction alone, which locks the tables.
ALTER TABLE ledger_journalentry DISABLE TRIGGER posted_is_immutable;
ALTER TABLE ledger_journalline DISABLE TRIGGER posted_is_immutable;
UPDATE ledger_journalentry e SET
    base_currency = b.base_currency,
    base_total_debit = CASE WHEN e.currency = b.base_currency THEN e.total_debit END,
    base_total_credit = CASE WHEN e.currency = b.base_currency THEN e.total_credit END
FROM ledger_books b WHERE b.tenant_id = e.tenant_id AND e.status = 'posted';
UPDATE ledger_journalline l SET
    account_currency = l.currency,
    base_currency = b.base_currency,
    base_debit = CASE WHEN l.currency = b.base_currency THEN l.debit END,
    base_credit = CASE WHEN l.currency = b.base_currency THEN l.credit END,
    exchange_rate = CASE WHEN l.currency = b.base_currency THEN 1 END
FROM ledger_books b WHERE b.tenant_id = l.tenant_id;
ALTER TABLE ledger_journalline ENABLE TRIGGER posted_is_immutable;
ALTER TABLE ledger_journalentry ENABLE TRIGGER posted_is_immutable;

-- A line may be in another currency than its account, when the account is in the base currency: the key follows.
ALTER TABLE ledger_journalline DROP CONSTRAINT ledger_journalline_account_fk;
ALTER TABLE ledger_journalline ADD CONSTRAINT ledger_journalline_account_fk
    FOREIGN KEY (tenant_id, account_id, account_currency) REFERENCES ledger_account (tenant_id, id, currency);

SET CONSTRAINTS ALL IMMEDIATE;

-- Short, because PostgreSQL prepares a check anew for each statement: what is rare is in the trigger on foreign lines.
ALTER TABLE ledger_journalentry ADD CONSTRAINT ledger_journalentry_base
    CHECK (base_total_debit IS NOT DISTINCT FROM base_total_credit);
ALTER TABLE ledger_journalline ADD CONSTRAINT ledger_journalline_base
    CHECK (currency <> base_currency
           OR (account_currency = base_currency AND base_debit = debit AND base_credit = credit AND exchange_rate = 1)
              IS TRUE);
