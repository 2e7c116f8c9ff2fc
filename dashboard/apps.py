"""What the dashboard plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Writers


class Dashboard(BusinessApp):
    name = "dashboard"
    routes = "dashboard.urls"
    schema = "dashboard.schema"
    pages = {"": "dashboard.page_urls"}
    scopes = {"dashboard": Writers.NOBODY}
    admin_group = "Books"
