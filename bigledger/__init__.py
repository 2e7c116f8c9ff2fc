"""BigLedger: the machine (platform and wiring). The business lives in ledger, customers, invoicing, webhooks."""
