"""The public pages, outside the API."""

from __future__ import annotations

from django.urls import path

from invoicing.views.hosted import hosted_page, hosted_pdf

urlpatterns = [
    path("<str:token>", hosted_page, name="hosted-invoice"),
    path("<str:token>/pdf", hosted_pdf, name="hosted-invoice-pdf"),
]
