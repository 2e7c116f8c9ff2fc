"""Order to cash: products, tax rates, invoices, credit notes, recurring invoices, payments, refunds.

Owns every document of the sales side and what it posts. Invariants: the lines of a document add up to its
totals and to its journal entry, to the digit; `amount_due` is total less paid, credited and written off, never
negative; a customer's balance is open invoices less unapplied credit; invoice numbers have no gap in a tenant's
year; card numbers are never stored.
"""
