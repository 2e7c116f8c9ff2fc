from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from invoicing.views.catalogue import ProductViewSet, SalesSettingsViewSet, TaxCalculationViewSet, TaxRateViewSet
from invoicing.views.credit_notes import CreditNoteViewSet
from invoicing.views.invoices import InvoiceViewSet
from invoicing.views.opening import OpeningBalancesViewSet
from invoicing.views.payments import PaymentViewSet
from invoicing.views.recurring import RecurringInvoiceViewSet
from invoicing.views.schedules import ScheduleViewSet
from invoicing.views.statements import CustomerStatementViewSet

router = SimpleRouter(trailing_slash=False)
router.register("products", ProductViewSet, basename="product")
router.register("tax-rates", TaxRateViewSet, basename="tax-rate")
router.register("invoices", InvoiceViewSet, basename="invoice")
router.register("credit-notes", CreditNoteViewSet, basename="credit-note")
router.register("recurring-invoices", RecurringInvoiceViewSet, basename="recurring-invoice")
router.register("schedules", ScheduleViewSet, basename="schedule")
router.register("payments", PaymentViewSet, basename="payment")
urlpatterns = [
    path("opening-balances", OpeningBalancesViewSet.as_view({"post": "take_over"}), name="opening-balances"),
    path("tax-calculations", TaxCalculationViewSet.as_view({"post": "calculate"}), name="tax-calculations"),
    path(
        "sales-settings",
        SalesSettingsViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="sales-settings",
    ),
    path(
        "customers/<str:pk>/statement",
        CustomerStatementViewSet.as_view({"get": "statement"}),
        name="customer-statement",
    ),
    *router.urls,
]
