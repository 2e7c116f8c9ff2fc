"""What the figures of the dashboard mean, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "DashboardCash.accounts": "The accounts of cash and bank",
    "as_of_date": "The day of the figures, in the tenant's time zone",
    "Dashboard.cash": "Cash and bank",
    "Dashboard.cash_flow": "Twelve months of cash",
    "foreign_receivables": "What is owed in other currencies",
    "last_month": "The whole of last month",
    "last_month_to_same_day": "Last month until the same day",
    "latest_entries": "The latest journal entries",
    "latest_invoices": "The latest invoices",
    "latest_payments": "The latest payments",
    "month": "The month",
    "overdue": "What is overdue",
    "DashboardReceivables.open_invoices": "How many invoices are open",
    "overdue_invoices": "How many invoices are overdue",
    "receivables": "What customers owe",
    "this_month": "This month until today",
    "unnumbered_events": "How many events the figures stand on that have no number yet",
}
