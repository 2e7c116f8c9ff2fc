"""The dashboard: the figures of a business at one moment, exact as of a numbered event of its log.

It owns no table. `sql/figures.sql` reads ledger, sales and log in one statement, hence of one snapshot; REST, GraphQL,
the socket and the page at `/dashboard` show what `selectors.dashboard()` makes of it.
"""
