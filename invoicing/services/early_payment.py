"""The discount for early payment: `2_10_net_30` lets a customer who pays within 10 days deduct 2 %.

It is given when a payment of that time leaves no more than the discount of an invoice unpaid. What is left is then
credited: a credit note over it, with its part of each tax, is booked to Sales Discounts and applied to the invoice on
the day of the payment. When the payment is taken off the invoice altogether, the credit note is voided.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.models import CreditNote, Invoice, Payment, TaxRounding
from invoicing.rounding import spread
from invoicing.selectors.catalogue import plain, sales_settings
from invoicing.selectors.terms import early_terms
from invoicing.services.credit_notes import issue_credit_note, void_credit_note
from invoicing.services.pricing import Priced, amounts_of
from invoicing.services.taken_discounts import discounts_of, gross_credited, lines_by_taxes
from invoicing.totals import ZERO, Line, compute, effective_rate
from ledger.models import AccountPurpose
from ledger.services.accounts import ensure_purpose_account

_REASON = "{percentage} % for payment within {days} days"


def give_discount(
    *, payment: Payment, invoice: Invoice, customer: Customer, date: datetime.date, acting: Principal
) -> None:
    """Credits what a payment, applied to a locked invoice just now, left unpaid of it, if it may be deducted."""
    terms = early_terms(invoice)
    rest = invoice.amount_due
    if terms is None or not 0 < rest <= terms.discount or payment.payment_date > terms.until:
        return
    if discounts_of(invoice):
        return
    issue_credit_note(
        invoice=invoice,
        customer=customer,
        priced=_priced(invoice, rest, acting=acting),
        currency=invoice.currency,
        exchange_rate=payment.exchange_rate,
        date=date,
        reason=_REASON.format(percentage=plain(terms.percentage), days=terms.days),
        early_payment=payment,
        acting=acting,
    )


def take_back_discounts(*, payment: Payment, date: datetime.date | None, acting: Principal) -> None:
    """Voids the discounts of a locked payment on invoices that nothing of it is applied to any more: on `date`, or when
    they were given, if that was later."""
    notes = CreditNote.objects.filter(early_payment=payment, voided_on=None).order_by("id")
    applied = set(payment.applications.filter(released_on=None).values_list("invoice_id", flat=True))
    for note in notes:
        if note.invoice_id not in applied:
            reason = f"The payment {payment.number} was taken off the invoice"
            void_credit_note(credit_note=note, reason=reason, date=date, or_later=True, acting=acting)


def _priced(invoice: Invoice, amount: Decimal, *, acting: Principal) -> Priced:
    """Lines that come to `amount`, tax included: one for the lines of the invoice with the same taxes, as far as they
    were not credited."""
    groups = lines_by_taxes(invoice)
    gross = [sum((row.total for row in group), ZERO) - gross_credited(group) for group in groups.values()]
    shares = spread([amount * each / sum(gross) for each in gross], amount, invoice.currency)
    account = ensure_purpose_account(AccountPurpose.SALES_DISCOUNTS, current_tenant().base_currency, acting=acting)
    found = [(share, taxes, group) for share, (taxes, group) in zip(shares, groups.items(), strict=True) if share]
    totals = compute(
        [Line(Decimal(1), share, taxes=taxes) for share, taxes, _ in found],
        currency=invoice.currency,
        per_document=sales_settings().tax_rounding == TaxRounding.DOCUMENT,
        price_includes_tax=True,
    )
    columns = [
        {
            "description": "Discount for early payment",
            "quantity": Decimal(1),
            "unit_price": share,
            "tax_rate": effective_rate(taxes),
            "tax_rate_named_id": group[0].tax_rate_named_id,
            "tax_kind": group[0].tax_kind,
            "revenue_account_id": account.id,
            **amounts_of(line),
        }
        for (share, taxes, group), line in zip(found, totals.lines, strict=True)
    ]
    return Priced(columns, totals, price_includes_tax=True)
