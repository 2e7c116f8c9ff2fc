"""Seller and buyer as documents name them."""

from __future__ import annotations

from typing import Any

from babel import Locale
from msgspec import structs

from bigledger.addresses import AddressBody, address_lines
from bigledger.tenants.models import Tenant
from bigledger.typesetting.formatting import LOCALE
from customers.models import Customer
from customers.selectors import billing_address

# Where paper is 8.5 by 11 inches.
_LETTER = frozenset(["US", "CA", "MX", "PR", "PH", "CL", "CO", "VE", "CR", "GT", "HN", "NI", "PA", "SV", "DO", "BO"])


def seller_of(tenant: Tenant) -> dict[str, Any]:
    """The profile of the tenant as it is now."""
    address = AddressBody(**tenant.address) if tenant.address else None
    return {
        "name": tenant.name,
        "legal_name": tenant.legal_name,
        "address": _lines(address),
        "country": address.country if address else "",
        "tax_id": tenant.tax_id,
        "bank_account": tenant.bank_account,
        "email": tenant.email,
        "footer": tenant.footer,
        "logo": str(tenant.logo_id) if tenant.logo_id else None,
    }


def buyer_of(customer: Customer) -> dict[str, Any]:
    """The customer as it is now."""
    address = billing_address(customer)
    return {
        "name": customer.name,
        "number": customer.number,
        "address": _lines(address),
        "country": address.country if address else "",
        "tax_id": customer.tax_id,
    }


def _lines(address: AddressBody | None) -> list[str]:
    """With the country by its name."""
    if address is None:
        return []
    name = Locale.parse(LOCALE).territories.get(address.country, address.country)
    return address_lines(structs.replace(address, country=name))


def paper(seller: dict[str, Any], buyer: dict[str, Any]) -> str:
    """The paper of the seller's country; of the buyer's, if the seller's is not known."""
    return "us-letter" if (seller["country"] or buyer["country"]) in _LETTER else "a4"
