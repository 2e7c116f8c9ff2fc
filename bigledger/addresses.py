"""A postal address: as bodies show it, and as lines on an envelope."""

from __future__ import annotations

from msgspec import Struct


class AddressBody(Struct):
    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    country: str


def address_lines(address: AddressBody | None) -> list[str]:
    """The lines of an address on an envelope; none for no address."""
    if address is None:
        return []
    city = " ".join(part for part in (address.city, address.state, address.postal_code) if part)
    return [line for line in (address.line1, address.line2, city, address.country) if line]
