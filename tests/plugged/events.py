from __future__ import annotations

from bigledger.events.registry import register

COST_CENTER_CREATED = register("cost_center.created", "cost_center", "New cost center created")
