"""Money: exact decimals with a currency's own number of digits (ISO 4217). Never a float.

Amounts are `Decimal` with exactly the digits of their currency (`50000.00` USD, `5000` JPY, `1.250` BHD)
and at most 15 digits before the point (spec section 2).
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from bigledger import iso4217

MAX_INTEGER_DIGITS = 15
MAX_DECIMAL_PLACES = 4  # the most any ISO 4217 currency has
MAX_AMOUNT = Decimal(10) ** MAX_INTEGER_DIGITS


def currencies() -> Mapping[str, int]:
    """The ISO 4217 codes of today, with their digits after the point."""
    return iso4217.DIGITS


def decimal_places(currency: str) -> int:
    """How many digits the currency has after the point: USD 2, JPY 0, BHD 3. Raises KeyError for what is none."""
    digits = iso4217.DIGITS.get(currency)
    return iso4217.WITHDRAWN[currency] if digits is None else digits


@cache
def unit(currency: str) -> Decimal:
    """The smallest amount there is of the currency: USD 0.01, JPY 1."""
    return Decimal(1).scaleb(-decimal_places(currency))


def has_excess_digits(amount: Decimal, currency: str) -> bool:
    """True when `amount` is written with more digits than `currency` has."""
    exponent = amount.as_tuple().exponent
    return not isinstance(exponent, int) or -exponent > decimal_places(currency)


def to_currency(amount: Decimal, currency: str) -> Decimal:
    """`amount` with exactly the digits of `currency`, halves rounded up (away from zero)."""
    return amount.quantize(unit(currency), ROUND_HALF_UP)


def to_price(price: Decimal, currency: str) -> Decimal:
    """A unit price with at least the digits of `currency`, and as many more as it has: 150.00, 0.00125."""
    exact = to_currency(price, currency)
    return exact if exact == price else price.normalize()


def excess_digits_message(currency: str) -> str:
    return f"{currency} has {decimal_places(currency)} digits after the point."
