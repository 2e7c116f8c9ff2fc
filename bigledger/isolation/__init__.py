"""The proof that no tenant reaches another's rows: `manage.py prove_isolation` tries it, in every way that it knows.

PostgreSQL's row-level security keeps tenants apart. The SQL here goes past the application, and so past every filter
that its queries have; the requests go through it.
"""
