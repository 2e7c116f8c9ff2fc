"""The gateway that the settings name."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from django.conf import settings

from bigledger.errors import BusinessRuleViolation
from invoicing.gateway.contract import PaymentGateway
from invoicing.gateway.sandbox import SandboxGateway
from invoicing.gateway.stripe import StripeGateway
from invoicing.gateway.stripe_currencies import minor_units
from invoicing.rules import CARDS_NOT_TAKEN


def current_gateway() -> PaymentGateway:
    """Raises BusinessRuleViolation (`cards_not_taken`) when none is set."""
    if settings.PAYMENT_GATEWAY == "sandbox":
        return SandboxGateway()
    if settings.PAYMENT_GATEWAY == "stripe":
        return _stripe(settings.STRIPE_SECRET_KEY)
    raise BusinessRuleViolation.of(CARDS_NOT_TAKEN, "method")


def check_chargeable(gateway: str, amount: Decimal, currency: str) -> None:
    """Raises BusinessRuleViolation if the gateway cannot charge exactly this amount, before anything is posted."""
    if gateway == StripeGateway.name:
        minor_units(amount, currency)


@cache
def _stripe(secret_key: str) -> StripeGateway:
    return StripeGateway(secret_key)
