"""What webhooks plug in."""

from __future__ import annotations

from bigledger.apps import BusinessApp


class Webhooks(BusinessApp):
    name = "webhooks"
    routes = "webhooks.urls"
    aliases = "webhooks.urls.alias_patterns"
