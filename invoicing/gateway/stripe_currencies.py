"""How Stripe writes amounts: with its own number of digits, which differs from ISO 4217.

Source: https://docs.stripe.com/currencies (minor units, zero-decimal, three-decimal, special cases) and
https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds, read 2026-11-25.
"""

from __future__ import annotations

from decimal import Decimal

from bigledger.errors import BusinessRuleViolation
from invoicing.rules import AMOUNT_NOT_CHARGEABLE, CURRENCY_NOT_TAKEN

_WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
ZERO_DECIMAL = frozenset(_WHOLE.split())
# The last digit has to be 0: the card networks know two.
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Without minor unit today, and written as if they had two digits, which have to be 00.
WHOLE_IN_HUNDREDTHS = frozenset(["ISK", "UGX"])
# HUF and TWD are whole for payouts only; a charge may have their two digits.
# ISO 4217 has other digits than two for these, and Stripe does not take them.
NOT_TAKEN = frozenset(["IQD", "LYD", "UYW"])


def minor_units(amount: Decimal, currency: str) -> str:
    """14.58 USD is "1458", 5000 ISK "500000". Raises BusinessRuleViolation for what Stripe cannot be asked for."""
    if currency in NOT_TAKEN:
        raise BusinessRuleViolation.of(CURRENCY_NOT_TAKEN, "currency", currency=currency)
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_IN_HUNDREDTHS else 1
    units = amount.scaleb(digits)
    if units % step:
        smallest = f"{Decimal(step).scaleb(-digits).normalize():f}"
        raise BusinessRuleViolation.of(AMOUNT_NOT_CHARGEABLE, "amount", smallest=smallest, currency=currency)
    return str(int(units))
