"""The public pages, outside the API."""

from __future__ import annotations

from django.urls import path

from invoicing.views.hosted import hosted_logo, hosted_page, hosted_pdf, hosted_receipt

urlpatterns = [
    path("<str:token>", hosted_page, name="hosted-invoice"),
    path("<str:token>/pdf", hosted_pdf, name="hosted-invoice-pdf"),
    path("<str:token>/logo", hosted_logo, name="hosted-invoice-logo"),
    path("<str:token>/receipts/<str:payment>", hosted_receipt, name="hosted-invoice-receipt"),
]
