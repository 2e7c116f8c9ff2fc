-- Recipients per tenant and day, counted beside the transactions that queue mails: `writer` is the transaction, '0' is
-- what ended ones came to. See sql/reserve.sql.
CREATE TABLE mail_reservation (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    writer xid8 NOT NULL,
    recipients integer NOT NULL CHECK (recipients >= 0),
    PRIMARY KEY (tenant_id, day, writer)
) WITH (fillfactor = 50);
ALTER TABLE mail_reservation ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_reservation FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON mail_reservation USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
CREATE POLICY all_tenants ON mail_reservation TO {owner}, {worker} USING (true) WITH CHECK (true);
