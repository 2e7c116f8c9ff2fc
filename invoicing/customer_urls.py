"""The public page of a customer, outside the API."""

from __future__ import annotations

from django.urls import path

from invoicing.views.customer_page import customer_logo, customer_page, customer_receipt

urlpatterns = [
    path("<str:token>", customer_page, name="hosted-customer"),
    path("<str:token>/logo", customer_logo, name="hosted-customer-logo"),
    path("<str:token>/receipts/<str:payment>", customer_receipt, name="hosted-customer-receipt"),
]
