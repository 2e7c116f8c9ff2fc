"""Refunds: money returned to the customer."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.services.balance import change_balance, lock_customer
from invoicing import rules
from invoicing.bodies import PaymentBody
from invoicing.events import PAYMENT_REFUNDED
from invoicing.gateway import check_chargeable
from invoicing.models import Payment, PaymentStatus, Refund
from invoicing.selectors.payments import payment_body
from invoicing.services.applying import check_amount, release
from invoicing.services.document_lines import receivable_line
from ledger.models import AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entry


@transaction.atomic
def refund_payment(
    *, payment: Payment, amount: Decimal | None = None, reason: str = "", acting: Principal
) -> PaymentBody:
    """Refunds `amount` of a payment, or all of it that is left, and posts the refund as of today.

    The unapplied part is used first; then the latest applications are released, so that their invoices are
    due again. Raises BusinessRuleViolation (`payment_failed`, `payment_refunded`, `over_refund`).
    """
    customer = lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    amount = _refundable(payment, amount)
    check_chargeable(payment.gateway, amount, payment.currency)
    today, now = current_tenant().today(), current_tenant().now()
    refund = Refund(
        id=ids.new_id(),
        payment=payment,
        amount=amount,
        reason=reason,
        refund_date=today,
        # A card's gateway is asked after the commit; elsewhere the money is handed back by people.
        settled_at=None if payment.gateway else now,
        created_by_id=acting.user_id,
        created_at=now,
    )
    cash = ensure_purpose_account(AccountPurpose.CASH_RECEIPTS, payment.currency, acting=acting).public_id
    description = f"Refund to {customer.name}" + (f", {payment.reference}" if payment.reference else "")
    post_journal_entry(
        entry=NewEntry(
            id=refund.id,
            date=today,
            description=description,
            source=refund.public_id,
            lines=[
                receivable_line(amount, payment.currency, is_debit=True, description=description, acting=acting),
                NewLine(cash, credit=amount, description=description),
            ],
        ),
        acting=acting,
    )
    refund.journal_entry_id = refund.id
    refund.save(force_insert=True)
    change_balance(customer=customer, increase=amount, acting=acting)
    unapplied = payment.amount - payment.amount_applied - payment.amount_refunded
    release(payment=payment, amount=max(amount - unapplied, amount * 0), on=today, acting=acting)
    payment.amount_refunded += amount
    is_whole = payment.amount_refunded == payment.amount
    payment.status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    payment.updated_at = now
    payment.save()
    body = payment_body(payment)
    record(PAYMENT_REFUNDED, payment.id, body, acting=acting)
    return body


def _refundable(payment: Payment, amount: Decimal | None) -> Decimal:
    if payment.status == PaymentStatus.FAILED:
        raise BusinessRuleViolation.of(rules.PAYMENT_FAILED, verb="refund")
    left = money.to_currency(payment.amount - payment.amount_refunded, payment.currency)
    if not left:
        raise BusinessRuleViolation.of(rules.PAYMENT_REFUNDED)
    if amount is None:
        return left
    check_amount(amount, payment.currency)
    if amount > left:
        raise BusinessRuleViolation.of(rules.OVER_REFUND, "amount", left=left, currency=payment.currency)
    return money.to_currency(amount, payment.currency)
