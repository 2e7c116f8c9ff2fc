"""The public page of a customer: anyone with its link sees what is open, and can pay several invoices at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from bigledger import money
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import Conflict, ValidationFailed
from bigledger.postgres.execute import fetch_all
from customers.models import Customer
from customers.services.balance import lock_customer
from invoicing.bodies import PaymentBody
from invoicing.events import HOSTED_PAGE
from invoicing.gateway import Card
from invoicing.models import Invoice, PaymentMethod
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.services.hosted import payable_now
from invoicing.services.payments import create_payment

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as customers.models.new_hosted_token() makes them
_REFERENCE_LENGTH = 100
MAX_PAID = 200  # invoices by one card, so that nobody waits for long behind the lock on the customer


def tenant_of_customer_token(token: str) -> uuid.UUID | None:
    """The tenant whose customer has this link; called before the tenant is known."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = fetch_all("SELECT customers_tenant_of_token(%s)", [token])
    found: uuid.UUID | None = rows[0][0]
    return found


def open_invoices(customer: Customer) -> QuerySet[Invoice]:
    """What is due in the customer's currency, the oldest due date first."""
    rows = Invoice.objects.filter(
        customer=customer, currency=customer.currency, status__in=OPEN_STATUSES, amount_due__gt=0
    )
    return rows.order_by("due_date", "id")


@transaction.atomic
def pay_invoices(*, customer: Customer, due: Mapping[uuid.UUID, Decimal], card: Card) -> PaymentBody:
    """Settles several invoices by one card payment, on behalf of the member who made the first of them; mails a
    receipt.

    `due` is what the customer saw of each, less what may be deducted for early payment. Raises ValidationFailed without
    one; Conflict if one is no longer open or another amount settles it today, and then no card is charged; and what
    `create_payment` does.
    """
    if not due:
        raise ValidationFailed.at("invoice", "Choose at least one invoice.", "required")
    customer = lock_customer(customer.id)  # so that no other payment comes between this look and the card
    invoices = list(open_invoices(customer).filter(id__in=due))
    if {invoice.id: payable_now(invoice) for invoice in invoices} != dict(due):
        raise Conflict("An invoice has changed since this page was opened. Look at the amounts again.")
    return create_payment(
        customer_id=customer.public_id,
        amount=money.to_currency(sum(due.values(), Decimal(0)), customer.currency),
        method=PaymentMethod.CARD,
        parts={invoice.public_id: due[invoice.id] for invoice in invoices},
        card=card,
        reference=_numbers_of(invoices),
        send_receipt=True,
        acting=Principal.on_behalf_of(invoices[0].created_by_id, by=HOSTED_PAGE, role=Role.CLERK),
    )


def _numbers_of(invoices: list[Invoice]) -> str:
    """Their numbers, as many as a reference has room for."""
    text = ", ".join(str(invoice) for invoice in invoices)
    return text if len(text) <= _REFERENCE_LENGTH else text[: _REFERENCE_LENGTH - 1] + "\N{HORIZONTAL ELLIPSIS}"
