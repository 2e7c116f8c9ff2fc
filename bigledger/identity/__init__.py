"""Letting people and programs in: the REST resources that manage credentials, the OAuth 2.0 server, and the
pages for signing in, consenting and joining.

Owns no tables: they are `bigledger.access`'s. Invariants: only owners manage credentials and members;
nobody hands out a scope that they do not hold; nobody changes their own role; a tenant keeps an owner.
"""
