"""How the admin looks around its pages; `bigledger/settings.py` takes it from here."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "BigLedger",
    "SITE_HEADER": "BigLedger",
    "SITE_SUBHEADER": "bigledger.backoffice.views.tenant_name",
    "SITE_SYMBOL": "menu_book",
    "SITE_URL": None,
    "SHOW_HISTORY": False,  # the event log is the history
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "bigledger.backoffice.start.start",
    # Teal, as on every other page (static/bigledger/tokens.css): 700 is its accent, 400 the one of the dark.
    "COLORS": {
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0f766e",
            "700": "#0f766e",
            "800": "#115e59",
            "900": "#134e4a",
            "950": "#042f2e",
        },
    },
    "ENVIRONMENT": "bigledger.backoffice.views.environment",
    "SITE_DROPDOWN": "bigledger.backoffice.views.companies",
    "ACCOUNT": {"navigation": [{"title": "Your account", "link": "/account"}]},
    "COMMAND": {"search_callback": "bigledger.backoffice.search.find", "search_models": False, "show_history": False},
    "STYLES": [lambda request: static("backoffice/lists.css")],
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "bigledger.backoffice.views.navigation",
        "show_all_applications": False,
    },
}
