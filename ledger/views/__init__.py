"""The ledger's REST views: who may, which shape, which service."""
