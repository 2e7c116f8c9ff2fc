"""The check of what the lines of a document keep of their taxes, against the taxes of the document."""

# A line keeps its taxes as JSON, so that what is credited of it takes its own. By name and rate they come to the rows
# of the document, and those of a line to its tax. Lines of before this was kept have none.
_TEMPLATE = """
        SELECT '@kind', d.id, format('%%s: the taxes that its lines keep are not those of the document', d.number)
        FROM invoicing_@table d
        CROSS JOIN LATERAL (
            SELECT bool_and(l.taxes IS NOT NULL) AS is_kept, bool_and(own.amount = l.tax_amount) AS adds_up
            FROM invoicing_@tableline l
            CROSS JOIN LATERAL (
                SELECT COALESCE(sum((tax->>'amount')::numeric), 0) AS amount
                FROM jsonb_array_elements(l.taxes) AS tax) own
            WHERE l.tenant_id = d.tenant_id AND l.@kind_id = d.id) lines
        CROSS JOIN LATERAL (
            SELECT count(*) AS count
            FROM (
                SELECT tax->>'name' AS name, (tax->>'rate')::numeric AS rate,
                    sum((tax->>'taxable_amount')::numeric) AS taxable, sum((tax->>'amount')::numeric) AS amount
                FROM invoicing_@tableline l CROSS JOIN LATERAL jsonb_array_elements(l.taxes) AS tax
                WHERE l.tenant_id = d.tenant_id AND l.@kind_id = d.id GROUP BY 1, 2) kept
            FULL JOIN (
                SELECT name, rate, sum(taxable_amount) AS taxable, sum(amount) AS amount FROM invoicing_@tabletax
                WHERE tenant_id = d.tenant_id AND @kind_id = d.id GROUP BY 1, 2) said USING (name, rate)
            WHERE name IS NULL OR (kept.taxable, kept.amount) IS DISTINCT FROM (said.taxable, said.amount)) differing
        WHERE d.tenant_id = %(tenant)s AND lines.is_kept AND (differing.count > 0 OR NOT lines.adds_up)"""


def check_of(kind: str, table: str) -> str:
    return _TEMPLATE.replace("@kind", kind).replace("@table", table)
