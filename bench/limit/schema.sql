-- The raw limit's tables: the least that still keeps a double entry honest. 100 tenants with 100 accounts each.
DROP TABLE IF EXISTS line, entry, balance, slot_balance, account;
CREATE TABLE account (id bigint PRIMARY KEY, tenant int NOT NULL, code text NOT NULL, UNIQUE (tenant, code));
CREATE TABLE entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant int NOT NULL, day date NOT NULL, ref text NOT NULL, memo text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id bigint NOT NULL REFERENCES entry, account_id bigint NOT NULL REFERENCES account,
    amount numeric(19, 4) NOT NULL, memo text NOT NULL);
CREATE INDEX ON line (entry_id);
CREATE INDEX ON line (account_id, id);
CREATE TABLE balance (
    account_id bigint PRIMARY KEY REFERENCES account,
    debit numeric(19, 4) NOT NULL DEFAULT 0, credit numeric(19, 4) NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE TABLE slot_balance (
    account_id bigint, month date, slot smallint,
    debit numeric(19, 4) NOT NULL, credit numeric(19, 4) NOT NULL,
    PRIMARY KEY (account_id, month, slot)) WITH (fillfactor = 50);
INSERT INTO account SELECT g, (g - 1) / 100, 'A' || (g - 1) % 100 FROM generate_series(1, 10000) g;
INSERT INTO balance (account_id) SELECT id FROM account;
