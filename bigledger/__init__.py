"""The platform and wiring of BigLedger. The business apps are ledger, customers, invoicing and webhooks."""
