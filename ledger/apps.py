"""What the ledger plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp


class Ledger(BusinessApp):
    name = "ledger"
    routes = "ledger.urls"
