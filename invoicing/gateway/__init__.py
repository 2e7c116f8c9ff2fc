"""Card gateways, which charge cards. `PAYMENT_GATEWAY` names the one in use.

A payment is authorized (`authorize`) inside the transaction that posts it and captured (`capture`) after that has
been committed: a payment that is rolled back is never captured, and a committed one is retried until it is.
"""

from invoicing.gateway.choice import check_chargeable, current_gateway
from invoicing.gateway.contract import Authorization, Card, Decline, PaymentGateway

__all__ = ["Authorization", "Card", "Decline", "PaymentGateway", "check_chargeable", "current_gateway"]
