"""The writers: endpoints (by people), deliveries (by people), the outbox (by the delivery workers)."""
