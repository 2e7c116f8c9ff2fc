"""Who is calling: users, memberships with roles, API keys, signing secrets, and the principal of a request.

Invariants: a secret is stored hashed or encrypted and shown once; a credential belongs to one tenant, and
the tenant of a request comes from it alone.
"""
