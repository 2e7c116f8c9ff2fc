"""What the ids in sales documents expand to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigledger.api.lookup import condition
from bigledger.api.selection import Expansion
from customers.expansions import CUSTOMER
from invoicing.bodies import InvoiceBody, PaymentBody, ProductBody, TaxRateBody
from invoicing.models import Invoice, Payment, Product, TaxRate
from invoicing.selectors.catalogue import product_bodies, tax_rate_bodies
from invoicing.selectors.documents import invoice_bodies
from invoicing.selectors.payments import payment_bodies
from ledger.expansions import ACCOUNT


def _products(references: Sequence[str]) -> Mapping[str, ProductBody]:
    return {body.id: body for body in product_bodies(list(Product.objects.filter(condition("prod", None, references))))}


def _tax_rates(references: Sequence[str]) -> Mapping[str, TaxRateBody]:
    return {body.id: body for body in tax_rate_bodies(list(TaxRate.objects.filter(condition("tax", None, references))))}


def _invoices(references: Sequence[str]) -> Mapping[str, InvoiceBody]:
    return {body.id: body for body in invoice_bodies(list(Invoice.objects.filter(condition("inv", None, references))))}


def _payments(references: Sequence[str]) -> Mapping[str, PaymentBody]:
    return {body.id: body for body in payment_bodies(list(Payment.objects.filter(condition("pay", None, references))))}


TAX_RATE = Expansion(TaxRateBody, _tax_rates)
PRODUCT = Expansion(ProductBody, _products, lambda: {"tax_rate": TAX_RATE, "revenue_account": ACCOUNT})
INVOICE = Expansion(InvoiceBody, _invoices, lambda: {"customer": CUSTOMER, "lines.product": PRODUCT})
PAYMENT = Expansion(PaymentBody, _payments, lambda: {"customer": CUSTOMER})
