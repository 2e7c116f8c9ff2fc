"""What the dashboard plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, State, Writers


class Dashboard(BusinessApp):
    name = "dashboard"
    routes = "dashboard.urls"
    wording = "dashboard.wording"
    schema = "dashboard.schema"
    pages = {"": "dashboard.page_urls"}
    states = {"dashboard": State("dashboard", "dashboard.selectors.dashboard")}
    scopes = {"dashboard": Writers.NOBODY}
    start = "dashboard.start.start"
    admin_group = "Books"
