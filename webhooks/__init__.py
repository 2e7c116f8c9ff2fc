"""Webhooks: endpoints that tenants register, and the delivery of the event log to them.

Owns `WebhookEndpoint` and `WebhookDelivery`. Invariants: every event that an endpoint asks for becomes exactly
one delivery of trigger `event`, in the order of the log; what was sent is kept as the exact text; the
deliveries of one object to one endpoint are sent one after another; a delivery ends as delivered or dead and
by no other way; no request goes to an address that is not public, unless a setting says so.
"""
