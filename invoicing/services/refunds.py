"""Money that goes back: refunds to the customer, and payments that did not last."""

from __future__ import annotations

import datetime
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
from invoicing.events import PAYMENT_REFUNDED, PAYMENT_VOIDED
from invoicing.gateway import check_chargeable
from invoicing.models import Payment, PaymentStatus, Refund
from invoicing.selectors.payments import payment_body
from invoicing.services.applying import applications_of, check_amount, release, return_date, to_release
from invoicing.services.booking import Booking
from invoicing.services.early_payment import take_back_discounts
from invoicing.services.payments import require_received
from invoicing.services.worth import part_of_source
from invoicing.totals import ZERO
from ledger.models import Account, AccountPurpose
from ledger.services.accounts import ensure_purpose_account


@transaction.atomic
def refund_payment(
    *,
    payment: Payment,
    amount: Decimal | None = None,
    reason: str = "",
    date: datetime.date | None = None,
    acting: Principal,
) -> PaymentBody:
    """Refunds `amount` of a payment, or all of it that is left, dated as `correction_date` says.

    The unapplied part is used first; then the latest applications are released, so that their invoices are
    due again. Raises BusinessRuleViolation (`payment_failed`, `payment_void`, `payment_refunded`, `over_refund`,
    `date_before_source`).
    """
    customer = lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    require_received(payment, "refund")
    amount = _refundable(payment, amount)
    check_chargeable(payment.gateway, amount, payment.currency)
    now = current_tenant().now()
    parts = to_release(applications_of(payment), max(amount - payment.amount_left, ZERO))
    day = return_date(date, payment, amount, parts)
    account = _account_of(payment, acting=acting)
    refund = Refund(
        id=ids.new_id(),
        payment=payment,
        amount=amount,
        reason=reason,
        refund_date=day,
        deposit_account=account,
        # A card's gateway is asked after the commit; elsewhere the money is handed back by people.
        settled_at=None if payment.gateway else now,
        created_by_id=acting.user_id,
        created_at=now,
    )
    refund.journal_entry_id = refund.id
    booking = Booking(
        payment.currency,
        source=refund.public_id,
        description=f"Refund to {customer.name}" + (f", {payment.reference}" if payment.reference else ""),
        entry_id=refund.id,
        is_correction=True,
        rate=payment.exchange_rate,
        acting=acting,
    )
    change_balance(customer=customer, increase=amount, currency=payment.currency, acting=acting)
    release(source=payment, parts=parts, on=day, booking=booking, acting=acting)
    refund.base_amount = part_of_source(payment, amount)  # it goes back at the rate at which it came
    booking.debit(day, booking.credit_of(payment), amount, base=refund.base_amount)
    booking.credit(day, account.public_id, amount, base=refund.base_amount)
    booking.post()
    refund.save(force_insert=True)
    payment.amount_refunded += amount
    is_whole = payment.amount_refunded == payment.amount
    payment.status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    payment.updated_at = now
    payment.save()
    take_back_discounts(payment=payment, date=date, acting=acting)
    body = payment_body(payment)
    record(PAYMENT_REFUNDED, payment.id, body, acting=acting)
    return body


@transaction.atomic
def void_payment(*, payment: Payment, reason: str, date: datetime.date | None = None, acting: Principal) -> PaymentBody:
    """Takes back a payment that did not last (a bounced check, a chargeback), as far as it was not refunded: its
    invoices are due again, and the deposit account is credited. No gateway is asked: nothing is sent to the customer.

    Raises BusinessRuleViolation (`payment_failed`, `payment_void`, `payment_refunded`, `date_before_source`).
    """
    customer = lock_customer(payment.customer_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    require_received(payment, "void")
    amount = _refundable(payment, None)
    parts = to_release(applications_of(payment), payment.amount_applied)
    refunded = max(payment.refunds.values_list("refund_date", flat=True), default=None)
    day = return_date(date, payment, amount, parts, not_before=refunded)
    booking = Booking(
        payment.currency,
        source=payment.public_id,
        description=f"Payment of {customer.name} is void: {reason}",
        is_correction=True,
        rate=payment.exchange_rate,
        acting=acting,
    )
    change_balance(customer=customer, increase=amount, currency=payment.currency, acting=acting)
    release(source=payment, parts=parts, on=day, booking=booking, acting=acting)
    base = part_of_source(payment, amount)
    booking.debit(day, booking.credit_of(payment), amount, base=base)
    booking.credit(day, _account_of(payment, acting=acting).public_id, amount, base=base)
    booking.post()
    payment.status = PaymentStatus.VOID
    payment.voided_on = day
    payment.void_reason = reason
    payment.updated_at = current_tenant().now()
    payment.save()
    take_back_discounts(payment=payment, date=date, acting=acting)
    body = payment_body(payment)
    record(PAYMENT_VOIDED, payment.id, body, acting=acting)
    return body


def _account_of(payment: Payment, *, acting: Principal) -> Account:
    return payment.deposit_account or ensure_purpose_account(
        AccountPurpose.CASH_RECEIPTS, payment.currency, acting=acting
    )


def _refundable(payment: Payment, amount: Decimal | None) -> Decimal:
    left = money.to_currency(payment.amount - payment.amount_refunded, payment.currency)
    if not left:
        raise BusinessRuleViolation.of(rules.PAYMENT_REFUNDED)
    if amount is None:
        return left
    check_amount(amount, payment.currency)
    if amount > left:
        raise BusinessRuleViolation.of(rules.OVER_REFUND, "amount", left=left, currency=payment.currency)
    return money.to_currency(amount, payment.currency)
