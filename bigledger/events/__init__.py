"""The event log: what happened to a tenant's books. All types of events are in one registry.

Owns `record()`, the relay and the log, `Event`. An event is written in the transaction of the change it reports,
with the payload as it is at that moment; it exists if and only if the change does. The relay numbers
committed events per tenant, without gaps, and chains each to the one before it.
"""
