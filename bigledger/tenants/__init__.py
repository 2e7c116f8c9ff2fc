"""Tenants and their isolation.

Owns `Tenant`, the base of every tenant's table (`TenantModel`), the context that names the tenant of a
transaction (`tenant_context`), and the row-level security that migrations lay over each table.

Invariants: without a context a query finds nothing; a row refers only to rows of its own tenant; the
application's role neither owns the tables nor bypasses their policies.
"""
