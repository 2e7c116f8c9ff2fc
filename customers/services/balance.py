"""A customer's balance: kept in one column, changed under the customer's lock."""

from __future__ import annotations

import uuid
from decimal import Decimal

from msgspec import structs

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, Detail, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from customers import rules
from customers.bodies import CurrencyBalance, CustomerBody
from customers.events import CREDIT_LIMIT_EXCEEDED, CUSTOMER_UPDATED
from customers.models import Customer, CustomerBalance
from customers.selectors import customer_body


def lock_customer(customer_id: uuid.UUID) -> Customer:
    """The customer, locked until the transaction ends.

    Every operation on money takes this lock before it locks any other row, so two operations on one customer run
    one after the other and cannot deadlock.
    """
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def change_balance(*, customer: Customer, increase: Decimal, currency: str, acting: Principal) -> None:
    """Increases what a locked customer owes in the currency (a negative value reduces it). Raises ValidationFailed over
    15 digits."""
    before = customer_body(customer)
    if currency == customer.currency:
        customer.balance += increase
        found = customer.balance
    else:
        row, _ = CustomerBalance.objects.select_for_update().get_or_create(customer=customer, currency=currency)
        row.balance += increase
        row.save(update_fields=["balance"])
        found = row.balance
    if abs(found) >= money.MAX_AMOUNT:
        message = f"The customer's balance would have more than {money.MAX_INTEGER_DIGITS} digits."
        raise ValidationFailed(message, [Detail(message, code="too_large")])
    body = shown_change(customer, before, lambda row: _with_balance(before, row, currency, found))
    if body:
        customer.save(update_fields=["balance", "updated_at"])
        record(CUSTOMER_UPDATED, customer.id, body, acting=acting, previous=before)


def _with_balance(before: CustomerBody, customer: Customer, currency: str, balance: Decimal) -> CustomerBody:
    balances = {each.currency: each.balance for each in before.balances}
    balances[currency] = money.to_currency(balance, currency)
    return structs.replace(
        before,
        balance=money.to_currency(customer.balance, customer.currency),
        balances=[CurrencyBalance(name, found) for name, found in sorted(balances.items()) if found],
    )


def add_sale(*, customer: Customer, amount: Decimal, currency: str, refuse_over_limit: bool, acting: Principal) -> None:
    """Adds an issued invoice to what a locked customer owes in its currency. The credit limit is in the customer's, and
    counts what is owed in that one.

    Exceeding the credit limit records `customer.credit_limit_exceeded`; to record it again, the balance must
    first return below it. With `refuse_over_limit` it is a BusinessRuleViolation (`credit_limit_exceeded`).
    """
    before, limit = customer.balance, customer.credit_limit
    change_balance(customer=customer, increase=amount, currency=currency, acting=acting)
    if currency != customer.currency or limit is None or not amount or customer.balance <= limit:
        return
    if refuse_over_limit:
        raise BusinessRuleViolation.of(
            rules.CREDIT_LIMIT_EXCEEDED,
            name=customer.name,
            owed=money.to_currency(customer.balance, customer.currency),
            currency=customer.currency,
            limit=money.to_currency(limit, customer.currency),
        )
    if before <= limit:
        record(CREDIT_LIMIT_EXCEEDED, customer.id, customer_body(customer), acting=acting)
