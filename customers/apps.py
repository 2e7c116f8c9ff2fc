"""What customers plug in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Writers


class Customers(BusinessApp):
    name = "customers"
    routes = "customers.urls"
    schema = "customers.schema"
    scopes = {"customers": Writers.CLERKS}
    admin_group = "Sales"
    admin_icons = {"Customer": "groups"}
