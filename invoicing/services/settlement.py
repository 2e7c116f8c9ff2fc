"""After the commit: capturing authorized payments at the gateway, and sending it the refunds."""

from __future__ import annotations

import structlog
from django.db import transaction

from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from invoicing.gateway import current_gateway
from invoicing.models import Payment, PaymentStatus, Refund

logger = structlog.get_logger(__name__)
BATCH = 100


def settle_with_gateway() -> int:
    """Sends pending captures and refunds of the tenant in context; returns how many were settled.

    Each has its own key, so a repetition after a crash moves no money twice; a failed one is tried again at
    the next run. Any of them may come first: however many fail, each of the others has its turn.
    """
    gateway = current_gateway()
    settled = 0
    waiting = Payment.objects.filter(gateway=gateway.name, captured_at=None).exclude(
        status__in=(PaymentStatus.FAILED, PaymentStatus.VOID)
    )
    for payment in waiting.order_by("?").select_for_update(skip_locked=True)[:BATCH]:
        try:
            with transaction.atomic():
                gateway.capture(reference=payment.gateway_reference, key=payment.id)
                payment.captured_at = current_tenant().now()
                payment.save(update_fields=["captured_at"])
                settled += 1
        except ApiError as fault:
            logger.warning("capture_failed", payment=payment.public_id, error=fault.message)
        except Exception:
            logger.exception("capture_failed", tenant=str(current_tenant().id), payment=payment.public_id)
    refunds = Refund.objects.filter(settled_at=None, payment__gateway=gateway.name, payment__captured_at__isnull=False)
    for refund in (
        refunds.select_related("payment").select_for_update(skip_locked=True, of=("self",)).order_by("?")[:BATCH]
    ):
        payment = refund.payment
        try:
            with transaction.atomic():
                gateway.refund(
                    reference=payment.gateway_reference,
                    amount=refund.amount,
                    currency=payment.currency,
                    key=refund.id,
                )
                refund.settled_at = current_tenant().now()
                refund.save(update_fields=["settled_at"])
                settled += 1
        except ApiError as fault:
            logger.warning("refund_failed", refund=refund.public_id, error=fault.message)
        except Exception:
            logger.exception("refund_failed", tenant=str(current_tenant().id), refund=refund.public_id)
    return settled
