"""The dashboard in GraphQL."""

from __future__ import annotations

from bigledger.graphql.declared import Declaration, Single
from dashboard.bodies import DashboardBody
from dashboard.selectors import dashboard

FIELDS: tuple[Declaration, ...] = (Single("dashboard", DashboardBody, "dashboard", dashboard),)
