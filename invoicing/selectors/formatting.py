"""Money and days as people read them, on paper, in mails and on the hosted page."""

from __future__ import annotations

from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal

from bigledger import money
from bigledger.typesetting.formatting import LOCALE, format_amount, format_day

__all__ = ["format_amount", "format_day", "format_money", "format_number", "format_price"]

_CURRENCY_PATTERN = Locale.parse(LOCALE).currency_formats["standard"]


def format_money(amount: Decimal, currency: str, *, is_price: bool = False) -> str:
    """`$1,458.00`, `¥5,000`, `BHD 1.250`: with ISO 4217's digits, where Babel has CLDR's (none for RSD). A unit price
    has more digits if it needs them: `$0.00125`."""
    amount = (money.to_price if is_price else money.to_currency)(amount, currency)
    places = max(money.decimal_places(currency), -int(amount.as_tuple().exponent))
    pattern = copy(_CURRENCY_PATTERN)
    pattern.frac_prec = (places, places)
    shown: str = pattern.apply(amount, LOCALE, currency=currency, currency_digits=False)
    return shown


def format_price(price: Decimal, currency: str) -> str:
    """A unit price with the digits of its currency, and more if it has more: `150.00`, `0.00125`."""
    return f"{money.to_price(price, currency):,f}".replace("-", "\N{MINUS SIGN}")


def format_number(number: Decimal) -> str:
    """A quantity or percentage with the digits it has and no more."""
    return format_decimal(number.normalize(), "#,##0.######", locale=LOCALE)


def format_terms(terms: str) -> str:
    """`net_30` as `Net 30 days`, `2_10_net_30` as `2 % in 10 days, net 30`."""
    early, _, days = terms.rpartition("net_")
    if not days.isdigit():
        return terms.replace("_", " ").capitalize()
    if not early:
        return f"Net {days} days"
    percent, within = early.split("_")[:2]
    return f"{percent} % in {within} days, net {days}"
