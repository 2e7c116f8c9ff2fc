"""The event log: what happened to a tenant's books, in the words of one registry.

Owns `record()`, the relay and the log, `Event`. An event is written in the transaction of the change it tells
of, with its payload frozen at that moment; it exists if and only if the change does. The relay numbers
committed events per tenant, without gaps, and chains each to the one before it.
"""
