-- The references that new columns of existing tables make.
ALTER TABLE invoicing_refund ADD CONSTRAINT invoicing_refund_credit_note_id_fk
    FOREIGN KEY (tenant_id, credit_note_id) REFERENCES invoicing_creditnote (tenant_id, id);
CREATE INDEX ON invoicing_refund (tenant_id, credit_note_id);
ALTER TABLE invoicing_refund ADD CONSTRAINT invoicing_refund_deposit_account_id_fk
    FOREIGN KEY (tenant_id, deposit_account_id) REFERENCES ledger_account (tenant_id, id);
CREATE INDEX ON invoicing_refund (tenant_id, deposit_account_id);
ALTER TABLE invoicing_payment ADD CONSTRAINT invoicing_payment_deposit_account_id_fk
    FOREIGN KEY (tenant_id, deposit_account_id) REFERENCES ledger_account (tenant_id, id);
CREATE INDEX ON invoicing_payment (tenant_id, deposit_account_id);

-- The id of a row as the API shows it, with the prefix `inv`: 128 bits in 26 characters.
CREATE FUNCTION pg_temp.public_id(id uuid) RETURNS text LANGUAGE sql AS $$
    SELECT 'inv_' || string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits FROM 1 + 5 * n FOR 5)::integer + 1, 1), '' ORDER BY n)
    FROM (SELECT b'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) b, generate_series(0, 25) AS n
$$;

-- A row for each write-off, from the entry that it posted: of several there was one date, and one sum.
INSERT INTO invoicing_writeoff (
    tenant_id, id, invoice_id, kind, amount, amount_undone, written_off_on, reason, journal_entry_id, created_by_id,
    created_at)
SELECT i.tenant_id, gen_random_uuid(), i.id, CASE a.purpose WHEN 'bad_debt' THEN 'bad_debt' ELSE 'small_difference' END,
    l.debit, 0, l.date, '', e.id, e.created_by_id, e.posted_at
FROM invoicing_invoice i
JOIN ledger_journalentry e ON e.tenant_id = i.tenant_id AND e.source = pg_temp.public_id(i.id)
JOIN ledger_journalline l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.debit > 0
JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
    AND a.purpose IN ('bad_debt', 'small_differences')
WHERE i.amount_written_off > 0;
-- Those whose entry names no document have what the invoice says.
INSERT INTO invoicing_writeoff (
    tenant_id, id, invoice_id, kind, amount, amount_undone, written_off_on, reason, created_by_id, created_at)
SELECT i.tenant_id, gen_random_uuid(), i.id,
    CASE i.status WHEN 'written_off' THEN 'bad_debt' ELSE 'small_difference' END,
    i.amount_written_off - w.amount, 0, i.written_off_on, '', i.created_by_id, i.updated_at
FROM invoicing_invoice i
CROSS JOIN LATERAL (SELECT COALESCE(sum(amount), 0) AS amount FROM invoicing_writeoff w
    WHERE w.tenant_id = i.tenant_id AND w.invoice_id = i.id) w
WHERE i.amount_written_off > w.amount;

UPDATE invoicing_salessettings s
SET small_difference_limits = jsonb_build_object(t.base_currency, trim_scale(s.small_difference_limit)::text)
FROM tenants_tenant t WHERE t.id = s.tenant_id;
-- An application counts from the later of the dates of both.
UPDATE invoicing_paymentapplication a SET applied_on = greatest(a.applied_on, f.day),
    released_on = CASE WHEN a.released_on IS NULL THEN NULL ELSE greatest(a.released_on, f.day) END
FROM (
    SELECT a.tenant_id, a.id, greatest(i.invoice_date, p.payment_date, n.credit_date) AS day
    FROM invoicing_paymentapplication a
    JOIN invoicing_invoice i ON i.tenant_id = a.tenant_id AND i.id = a.invoice_id
    LEFT JOIN invoicing_payment p ON p.tenant_id = a.tenant_id AND p.id = a.payment_id
    LEFT JOIN invoicing_creditnote n ON n.tenant_id = a.tenant_id AND n.id = a.credit_note_id
) f WHERE f.tenant_id = a.tenant_id AND f.id = a.id AND a.applied_on < f.day;
SET CONSTRAINTS ALL IMMEDIATE;
