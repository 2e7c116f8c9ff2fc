"""The demo books of the ledger: a chart of accounts, a document, and a year of entries."""
