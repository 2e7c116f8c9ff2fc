"""Reads of customers that are more than a filter."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings

from bigledger import money
from bigledger.addresses import AddressBody
from customers.bodies import ContactBody, CurrencyBalance, CustomerBody
from customers.models import Address, AddressKind, Contact, Customer, CustomerBalance


def customer_bodies(customers: Sequence[Customer]) -> list[CustomerBody]:
    """Four queries for any number of customers: the rows, their addresses, contacts, other balances."""
    customer_ids = [customer.id for customer in customers]
    addresses: dict[tuple[uuid.UUID, str], list[AddressBody]] = defaultdict(list)
    for address in Address.objects.filter(customer_id__in=customer_ids):
        addresses[address.customer_id, address.kind].append(address_body(address))
    contacts: dict[uuid.UUID, list[ContactBody]] = defaultdict(list)
    for contact in Contact.objects.filter(customer_id__in=customer_ids):
        contacts[contact.customer_id].append(
            ContactBody(contact.name, contact.email, contact.phone, contact.role, contact.is_primary)
        )
    balances: dict[uuid.UUID, list[CustomerBalance]] = defaultdict(list)
    for row in CustomerBalance.objects.filter(customer_id__in=customer_ids):
        balances[row.customer_id].append(row)
    return [
        _customer_body(
            customer,
            balances[customer.id],
            addresses[customer.id, AddressKind.BILLING],
            addresses[customer.id, AddressKind.SHIPPING],
            contacts[customer.id],
        )
        for customer in customers
    ]


def customer_body(customer: Customer) -> CustomerBody:
    return customer_bodies([customer])[0]


def billing_address(customer: Customer) -> AddressBody | None:
    found = Address.objects.filter(customer=customer, kind=AddressKind.BILLING).first()
    return address_body(found) if found else None


def address_body(address: Address) -> AddressBody:
    return AddressBody(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
    )


def _balances(customer: Customer, others: list[CustomerBalance]) -> list[CurrencyBalance]:
    found = {row.currency: row.balance for row in others} | {customer.currency: customer.balance}
    return [CurrencyBalance(name, money.to_currency(found[name], name)) for name in sorted(found) if found[name]]


def _customer_body(
    customer: Customer,
    others: list[CustomerBalance],
    billing: list[AddressBody],
    shipping: list[AddressBody],
    contacts: list[ContactBody],
) -> CustomerBody:
    limit = customer.credit_limit
    return CustomerBody(
        id=customer.public_id,
        number=customer.number,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        website=customer.website,
        tax_id=customer.tax_id,
        currency=customer.currency,
        payment_terms=customer.payment_terms,
        credit_limit=None if limit is None else money.to_currency(limit, customer.currency),
        balance=money.to_currency(customer.balance, customer.currency),
        balances=_balances(customer, others),
        status=customer.status,
        billing_address=billing[0] if billing else None,
        shipping_addresses=shipping,
        contacts=contacts,
        custom_fields=customer.custom_fields,
        hosted_url=f"{settings.PUBLIC_URL}/c/{customer.hosted_token}",
        metadata=customer.metadata,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )
