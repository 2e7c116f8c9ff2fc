"""What invoicing plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp


class Invoicing(BusinessApp):
    name = "invoicing"
    routes = "invoicing.urls"
    pages = {"i/": "invoicing.hosted_urls"}
