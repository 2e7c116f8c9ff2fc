"""Card gateways: who is asked for the money. `PAYMENT_GATEWAY` names the one in use.

The money is promised (`authorize`) inside the transaction that books it and taken (`capture`) after that has
been committed: what is rolled back was never taken, and what was committed is asked for until it is.
"""

from invoicing.gateway.choice import check_chargeable, current_gateway
from invoicing.gateway.contract import Authorization, Card, Decline, PaymentGateway

__all__ = ["Authorization", "Card", "Decline", "PaymentGateway", "check_chargeable", "current_gateway"]
