-- Kept balances for any day. What is posted is added to slots of a day, so that writers of a busy account do not queue
-- behind one row; ledger_fold_balances() moves the slots to the account's one row of the day, and adds them to the one
-- of the month. A reader sums months, then the days of the month that is cut, then the slots.
-- What there is, is made anew from the lines.
DROP TABLE ledger_accountbalance;
CREATE TABLE ledger_accountbalance (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    day date NOT NULL,
    slot smallint NOT NULL,
    debit numeric(28, 4) NOT NULL,
    credit numeric(28, 4) NOT NULL,
    base_debit numeric(28, 4) NOT NULL,
    base_credit numeric(28, 4) NOT NULL,
    PRIMARY KEY (tenant_id, account_id, day, slot),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id)
) WITH (fillfactor = 50);
CREATE TABLE ledger_accountday (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    day date NOT NULL,
    debit numeric(28, 4) NOT NULL,
    credit numeric(28, 4) NOT NULL,
    base_debit numeric(28, 4) NOT NULL,
    base_credit numeric(28, 4) NOT NULL,
    PRIMARY KEY (tenant_id, account_id, day),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id)
) WITH (fillfactor = 80);
CREATE TABLE ledger_accountmonth (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    debit numeric(28, 4) NOT NULL,
    credit numeric(28, 4) NOT NULL,
    base_debit numeric(28, 4) NOT NULL,
    base_credit numeric(28, 4) NOT NULL,
    PRIMARY KEY (tenant_id, account_id, month),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id)
) WITH (fillfactor = 80);

ALTER TABLE ledger_accountbalance ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_accountbalance FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ledger_accountbalance
    USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON ledger_accountbalance TO {owner}, {worker} USING (true) WITH CHECK (true);
ALTER TABLE ledger_accountday ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_accountday FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ledger_accountday
    USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON ledger_accountday TO {owner}, {worker} USING (true) WITH CHECK (true);
ALTER TABLE ledger_accountmonth ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_accountmonth FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON ledger_accountmonth
    USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON ledger_accountmonth TO {owner}, {worker} USING (true) WITH CHECK (true);
REVOKE INSERT, UPDATE, DELETE ON ledger_accountbalance, ledger_accountday, ledger_accountmonth FROM {app}, {worker};
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_accountbalance, ledger_accountday, ledger_accountmonth TO {books};

INSERT INTO ledger_accountday
SELECT tenant_id, account_id, date, sum(debit), sum(credit), sum(COALESCE(base_debit, 0)), sum(COALESCE(base_credit, 0))
FROM ledger_journalline GROUP BY 1, 2, 3;
INSERT INTO ledger_accountmonth
SELECT tenant_id, account_id, date_trunc('month', day)::date, sum(debit), sum(credit), sum(base_debit), sum(base_credit)
FROM ledger_accountday GROUP BY 1, 2, 3;

-- These take other arguments now; the new ones are in ledger/sql.
DROP FUNCTION IF EXISTS ledger_fold_balances(date);
DROP FUNCTION IF EXISTS ledger_post_if_current(uuid[], text[], text[], text[], text[], jsonb, jsonb);
