"""Managing access: the REST resources that manage credentials, the OAuth 2.0 server, and the
pages for signing in, consenting and joining.

Owns no tables: they are `bigledger.access`'s. Invariants: only owners manage credentials and members;
nobody can grant a scope that they do not have; nobody can change their own role; a tenant always has an owner.
"""
