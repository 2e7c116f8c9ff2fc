"""The hot path: what goes below Django's cursor, on the same connection and in the same transaction.

A Django backend of its own, which FAST_PATH chooses: statements prepared at protocol level, BEGIN in one message
with the first statement, savepoints and COMMIT by libpq. It needs a session of its own on the server. Off, the plain
backend beneath (`bigledger.postgres.backend`) does the same with Django's cursor, and this is not imported
(docs/adr/0050, 0101).
"""
