"""PDFs are made once, in the worker, and stored in the database with the books they belong to.

A view calls `stored_pdf_or_row` inside the transaction. If the PDF does not exist yet, a row requests it; a worker
fills the row after the commit (`make_next_pdf`), and the view waits for that outside of any transaction
(`wait_for_pdf`). A worker that needs the bytes itself, for a mail, calls `stored_pdf`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import threading
import time
import uuid

import structlog
from django.conf import settings
from django.utils import timezone

from bigledger import celery
from bigledger.errors import ServiceUnavailable
from bigledger.tenants.context import tenant_context
from bigledger.typesetting.render import TIME_LIMIT_SECONDS, PdfFailed, render
from invoicing.apps import DOCUMENTS
from invoicing.models import Invoice, InvoicePdf, InvoiceStatus
from invoicing.pdf.invoice import TEMPLATE, invoice_content, invoice_layout

MAX_ATTEMPTS = 5
WAIT_SECONDS = 10.0
_CLAIM_SECONDS = TIME_LIMIT_SECONDS + 10  # outlasts the making, also when the worker dies of it
_BACK_OFF_SECONDS = (1, 5, 30, 120)
_SET_ASIDE_SECONDS = 600
_FIRST_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.03, 0.25

# At most half of the threads of a process may wait for PDFs, so that the other half serves everything else.
_waiting = threading.BoundedSemaphore(max(1, settings.API_THREADS // 2))
logger = structlog.get_logger(__name__)


def stored_pdf(invoice: Invoice) -> bytes:
    """The PDF of the document as it is now, created here if it does not exist yet. Raises PdfFailed.

    For workers, in the tenant's context: it may take as long as the time limit of a document.
    """
    row = _version(invoice)
    if row.file is None:
        row.file = _rendered(row)
        # If another process was faster, its bytes count.
        if not InvoicePdf.objects.filter(pk=row.pk, file=None).update(file=row.file, error=""):
            row.refresh_from_db(fields=["file"])
    return bytes(row.file)


def stored_pdf_or_row(invoice: Invoice) -> bytes | uuid.UUID:
    """The stored PDF, or the id of the row that requests it, to be waited for after the commit."""
    row = _version(invoice)
    if row.file is not None:
        return bytes(row.file)
    now = timezone.now()
    # A PDF that was set aside is tried again for a later request, because the cause may be gone.
    InvoicePdf.objects.filter(pk=row.pk, attempts__gte=MAX_ATTEMPTS, next_attempt_at__lt=now).update(attempts=0)
    return row.pk


def wait_for_pdf(tenant_id: uuid.UUID, pk: uuid.UUID) -> bytes:
    """The bytes once a worker has made them. Raises ServiceUnavailable after `WAIT_SECONDS`, or at once when as many
    wait here as may. To be called outside of transactions."""
    wake()
    if not _waiting.acquire(blocking=False):
        raise ServiceUnavailable("Too many documents are being prepared at the moment; try again in a few seconds.")
    try:
        end, pause = time.monotonic() + WAIT_SECONDS, _FIRST_LOOK_SECONDS
        while True:
            with tenant_context(tenant_id):
                row = InvoicePdf.objects.filter(pk=pk).only("file", "attempts").first()
            if row is not None and row.file is not None:
                return bytes(row.file)
            if row is None or row.attempts >= MAX_ATTEMPTS or time.monotonic() + pause > end:
                raise ServiceUnavailable("The document is not ready yet; try again in a few seconds.")
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK_SECONDS)
    finally:
        _waiting.release()


def make_next_pdf(tenant_id: uuid.UUID) -> bool:
    """Creates the tenant's document that has waited longest; False if none is waiting.

    The attempt is counted and committed first, so that a document that takes the worker with it is set aside in the
    end like any other that fails.
    """
    with tenant_context(tenant_id):
        now = timezone.now()
        row = (
            InvoicePdf.objects.select_for_update(skip_locked=True)
            .filter(file=None, attempts__lt=MAX_ATTEMPTS, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "created_at")
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        row.next_attempt_at = now + datetime.timedelta(seconds=_CLAIM_SECONDS)
        row.save(update_fields=["attempts", "next_attempt_at"])
    file, error = None, ""
    try:
        file = _rendered(row)
    except Exception as fault:
        error = str(fault)[:300]
        logger.exception("pdf_failed", tenant=str(tenant_id), pdf=row.public_id, attempts=row.attempts)
    with tenant_context(tenant_id):
        mine = InvoicePdf.objects.filter(pk=row.pk, file=None)
        if file is not None:
            mine.update(file=file, error="")
        else:
            waits = (*_BACK_OFF_SECONDS, _SET_ASIDE_SECONDS)
            again = timezone.now() + datetime.timedelta(seconds=waits[min(row.attempts, len(waits)) - 1])
            mine.update(error=error, next_attempt_at=again)
    return True


def wake() -> None:
    """Wakes the worker. The wake-up may be lost, because Celery beat sends another one every few seconds."""
    try:
        celery.wake("invoicing.make_pdfs", DOCUMENTS)
    except Exception as fault:  # noqa: BLE001 - whatever is wrong with the broker, the row waits
        logger.warning("documents_not_woken", error=str(fault))


def _rendered(row: InvoicePdf) -> bytes:
    try:
        return render(TEMPLATE, invoice_layout(json.loads(row.content)))
    except PdfFailed:
        raise
    except Exception as fault:
        raise PdfFailed(f"{type(fault).__name__}: {fault}") from fault


def _version(invoice: Invoice) -> InvoicePdf:
    """The row of what the document says now; a draft keeps its latest version only."""
    content = json.dumps(invoice_content(invoice), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    found = InvoicePdf.objects.filter(invoice=invoice, digest=digest).first()
    if found is None:
        if invoice.status == InvoiceStatus.DRAFT:
            InvoicePdf.objects.filter(invoice=invoice).delete()
        new = InvoicePdf(invoice=invoice, digest=digest, content=content, next_attempt_at=timezone.now())
        InvoicePdf.objects.bulk_create([new], ignore_conflicts=True)
        found = InvoicePdf.objects.get(invoice=invoice, digest=digest)
    return found
