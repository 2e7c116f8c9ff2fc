"""How the admin looks around its pages; `bigledger/settings.py` takes it from here."""

from __future__ import annotations

UNFOLD = {
    "SITE_TITLE": "BigLedger",
    "SITE_HEADER": "BigLedger",
    "SITE_SUBHEADER": "bigledger.backoffice.views.tenant_name",
    "SITE_SYMBOL": "menu_book",
    "SITE_URL": None,
    "SHOW_HISTORY": False,  # the event log is the history
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "bigledger.backoffice.views.environment",
    "SIDEBAR": {"navigation": "bigledger.backoffice.views.navigation", "show_all_applications": False},
}
