"""The books: accounts, journal entries and their lines, balances, documents.

Owns the chart of accounts and every posting. Invariants, held by the database itself:
each line is a debit or a credit, positive, and never both; the lines of a posted entry balance; what is
posted is never edited or deleted; a line belongs to an account of its own tenant and in its own currency;
only the posting function writes lines and balances.
"""
