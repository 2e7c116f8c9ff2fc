from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from ledger.views.accounts import AccountViewSet
from ledger.views.charts import ChartTemplateViewSet
from ledger.views.documents import DocumentViewSet
from ledger.views.entries import JournalEntryViewSet
from ledger.views.exchange_rates import ExchangeRateViewSet
from ledger.views.exports import LedgerExportViewSet
from ledger.views.periods import LockExceptionViewSet, PeriodViewSet
from ledger.views.recurring import RecurringEntryViewSet
from ledger.views.revaluations import FxRevaluationViewSet

router = SimpleRouter(trailing_slash=False)
router.register("accounts", AccountViewSet, basename="account")
router.register("journal-entries", JournalEntryViewSet, basename="journal-entry")
router.register("recurring-journal-entries", RecurringEntryViewSet, basename="recurring-journal-entry")
router.register("documents", DocumentViewSet, basename="document")
router.register("exchange-rates", ExchangeRateViewSet, basename="exchange-rate")
router.register("fx-revaluations", FxRevaluationViewSet, basename="fx-revaluation")
router.register("periods", PeriodViewSet, basename="period")
router.register("lock-exceptions", LockExceptionViewSet, basename="lock-exception")
urlpatterns = [
    path("chart-templates", ChartTemplateViewSet.as_view({"get": "chart_templates"}), name="chart-templates"),
    path("chart-templates/<str:pk>", ChartTemplateViewSet.as_view({"get": "chart_template"}), name="chart-template"),
    path(
        "chart-templates/<str:pk>/apply",
        ChartTemplateViewSet.as_view({"post": "apply_chart_template"}),
        name="apply-template",
    ),
    path("exports/beancount", LedgerExportViewSet.as_view({"get": "beancount"}), name="export-beancount"),
    path("exports/hledger", LedgerExportViewSet.as_view({"get": "hledger"}), name="export-hledger"),
    path("exports/csv", LedgerExportViewSet.as_view({"get": "table"}), name="export-csv"),
    *router.urls,
]
