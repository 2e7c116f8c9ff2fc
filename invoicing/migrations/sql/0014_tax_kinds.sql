ALTER TABLE invoicing_taxcomponent ADD CONSTRAINT invoicing_taxcomponent_account_id_fk
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id);
CREATE INDEX ON invoicing_taxcomponent (tenant_id, account_id);
ALTER TABLE invoicing_invoicetax ADD CONSTRAINT invoicing_invoicetax_account_id_fk
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id);
CREATE INDEX ON invoicing_invoicetax (tenant_id, account_id);
ALTER TABLE invoicing_creditnotetax ADD CONSTRAINT invoicing_creditnotetax_account_id_fk
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_account (tenant_id, id);
CREATE INDEX ON invoicing_creditnotetax (tenant_id, account_id);

UPDATE invoicing_taxrate r SET kind = 'zero' WHERE NOT EXISTS (
    SELECT FROM invoicing_taxcomponent c WHERE c.tenant_id = r.tenant_id AND c.tax_rate_id = r.id AND c.rate > 0);
UPDATE invoicing_invoiceline SET tax_kind = CASE WHEN tax_rate > 0 THEN 'standard' ELSE 'zero' END
    WHERE tax_rate > 0 OR tax_rate_named_id IS NOT NULL;
UPDATE invoicing_creditnoteline SET tax_kind = CASE WHEN tax_rate > 0 THEN 'standard' ELSE 'zero' END
    WHERE tax_rate > 0 OR tax_rate_named_id IS NOT NULL;
UPDATE invoicing_invoicetax SET kind = 'zero' WHERE rate = 0;
UPDATE invoicing_creditnotetax SET kind = 'zero' WHERE rate = 0;
