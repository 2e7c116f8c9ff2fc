"""Customers: their addresses, contacts and terms, and what they owe.

Owns `Customer` with addresses and contacts, and the gap-free number series of the sales side. Invariants: a
customer trades in one currency, fixed by the first document; `balance` is open invoices less unapplied
credit, changed only by `change_balance` under the customer's lock; a customer with documents is never deleted.
"""
