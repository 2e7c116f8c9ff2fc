"""The gateway that the settings name."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from bigledger.errors import BusinessRuleViolation
from invoicing.gateway.contract import PaymentGateway
from invoicing.gateway.sandbox import SandboxGateway
from invoicing.gateway.stripe import StripeGateway


def current_gateway() -> PaymentGateway:
    """Raises BusinessRuleViolation (`cards_not_taken`) when none is set."""
    if settings.PAYMENT_GATEWAY == "sandbox":
        return SandboxGateway()
    if settings.PAYMENT_GATEWAY == "stripe":
        return _stripe(settings.STRIPE_SECRET_KEY)
    raise BusinessRuleViolation.of("cards_not_taken", "This deployment has no card gateway.", "method")


@cache
def _stripe(secret_key: str) -> StripeGateway:
    return StripeGateway(secret_key)
