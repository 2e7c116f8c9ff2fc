"""Creating, changing and deleting customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.uniqueness import ensure_unique
from bigledger.tenants.uses import delete_with_unused, in_words, uses_of
from customers.bodies import CustomerBody
from customers.events import CUSTOMER_CREATED, CUSTOMER_DELETED, CUSTOMER_UPDATED
from customers.models import Address, AddressKind, Contact, Customer, new_hosted_token
from customers.rules import CURRENCY_FIXED, CUSTOMER_IN_USE
from customers.selectors import customer_body
from customers.services.numbering import take_number

FIRST_NUMBER = 1000
_PARTS = ("billing_address", "shipping_addresses", "contacts")


@transaction.atomic
def create_customer(*, acting: Principal, number: str | None = None, **values: Any) -> CustomerBody:
    """A new customer from the fields of `CustomerInput`; the tenant's base currency unless one is given.

    Raises ValidationFailed; Conflict when the number is taken.
    """
    fields = {name: value for name, value in values.items() if name not in _PARTS}
    fields.setdefault("currency", current_tenant().base_currency)
    _check_limit(fields.get("credit_limit"), fields["currency"])
    now = current_tenant().now()
    customer = Customer(number=number or _next_number(), created_at=now, updated_at=now, **fields)
    ensure_unique(customer, "customers_customer_number", "number", force_insert=True)
    _write_parts(customer, values)
    body = customer_body(customer)
    record(CUSTOMER_CREATED, customer.id, body, acting=acting)
    return body


@transaction.atomic
def update_customer(*, customer: Customer, changes: Mapping[str, Any], acting: Principal) -> CustomerBody:
    """Changes the given fields; addresses and contacts as a whole.

    Raises ValidationFailed; Conflict when the number is taken; BusinessRuleViolation (`customer_in_use`)
    for the currency of a customer with documents.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    before = customer_body(customer)
    if changes.get("currency", customer.currency) != customer.currency and (uses := uses_of(customer)):
        raise BusinessRuleViolation.of(
            CURRENCY_FIXED, "currency", name=customer.name, uses=in_words(uses), currency=customer.currency
        )
    for name, value in changes.items():
        if name not in _PARTS:
            setattr(customer, name, value)
    _check_limit(customer.credit_limit, customer.currency)
    _write_parts(customer, changes)
    body = shown_change(customer, before, customer_body)
    if body is None:
        return before
    ensure_unique(customer, "customers_customer_number", "number")
    record(CUSTOMER_UPDATED, customer.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def rotate_customer_link(*, customer: Customer, acting: Principal) -> CustomerBody:
    """Gives the customer's page a new link; the old one stops working."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    before = customer_body(customer)
    customer.hosted_token = new_hosted_token()
    customer.updated_at = current_tenant().now()
    customer.save(update_fields=["hosted_token", "updated_at"])
    body = customer_body(customer)
    record(CUSTOMER_UPDATED, customer.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_customer(*, customer: Customer, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`customer_in_use`) when there are documents of the customer."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if uses := uses_of(customer):
        raise BusinessRuleViolation.of(CUSTOMER_IN_USE, name=customer.name, uses=in_words(uses))
    record(CUSTOMER_DELETED, customer.id, customer_body(customer), acting=acting)
    delete_with_unused(customer)


def _next_number() -> str:
    """The next number that is not taken."""
    while True:
        number = str(FIRST_NUMBER + take_number("CUST"))
        if not Customer.objects.filter(number=number).exists():
            return number


def _check_limit(limit: Decimal | None, currency: str) -> None:
    if limit is not None and money.has_excess_digits(limit, currency):
        # What was stored has more zeros than digits that were given.
        if limit == money.to_currency(limit, currency):
            return
        raise ValidationFailed.at("credit_limit", money.excess_digits_message(currency), "too_many_digits")


def _write_parts(customer: Customer, values: Mapping[str, Any]) -> None:
    if "billing_address" in values:
        billing = values["billing_address"]
        _write_addresses(customer, AddressKind.BILLING, [billing] if billing else [])
    if "shipping_addresses" in values:
        _write_addresses(customer, AddressKind.SHIPPING, values["shipping_addresses"])
    if "contacts" in values:
        Contact.objects.filter(customer=customer).delete()
        Contact.objects.bulk_create(
            Contact(customer=customer, position=position, **contact)
            for position, contact in enumerate(values["contacts"], start=1)
        )


def _write_addresses(customer: Customer, kind: AddressKind, addresses: Sequence[Mapping[str, Any]]) -> None:
    Address.objects.filter(customer=customer, kind=kind).delete()
    Address.objects.bulk_create(
        Address(customer=customer, kind=kind, position=position, **address)
        for position, address in enumerate(addresses, start=1)
    )
