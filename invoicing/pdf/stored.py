"""PDFs are made once, in the worker, and stored in the database with the books they belong to.

A view calls `stored_pdf_or_row` inside the transaction. If the PDF does not exist yet, a row requests it; a worker
fills the row after the commit (`make_next_pdf`), and the view waits for that outside of any transaction
(`wait_for_pdf`). A worker that needs the bytes itself, for a mail, calls `stored_pdf`.
"""

from __future__ import annotations

import datetime
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
from bigledger.tenants.models import Logo
from bigledger.typesetting.render import TIME_LIMIT_SECONDS, PdfFailed, render
from invoicing.apps import DOCUMENTS
from invoicing.models import DocumentVersion
from invoicing.pdf.document import TEMPLATE, document_layout
from invoicing.pdf.versions import Document, wanted_version

MAX_ATTEMPTS = 5
WAIT_SECONDS = 10.0
_CLAIM_SECONDS = TIME_LIMIT_SECONDS + 10  # outlasts the making, also when the worker dies of it
_BACK_OFF_SECONDS = (1, 5, 30, 120)
_SET_ASIDE_SECONDS = 600
_FIRST_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.03, 0.25

# At most half of the threads of a process may wait for PDFs, so that the other half serves everything else.
_waiting = threading.BoundedSemaphore(max(1, settings.API_THREADS // 2))
logger = structlog.get_logger(__name__)


def stored_pdf(document: Document, *, is_current: bool = False) -> bytes:
    """The PDF of the document (see `wanted_version`), created here if it does not exist yet. Raises PdfFailed.

    For workers, in the tenant's context: it may take as long as the time limit of a document.
    """
    row = wanted_version(document, is_current=is_current)
    if row.file is None:
        row.file = _rendered(row, _logo(row))
        # If another process was faster, its bytes count.
        if not DocumentVersion.objects.filter(pk=row.pk, file=None).update(file=row.file, error=""):
            row.refresh_from_db(fields=["file"])
    return bytes(row.file)


def stored_pdf_or_row(document: Document, *, is_current: bool = False) -> bytes | uuid.UUID:
    """The stored PDF, or the id of the row that requests it, to be waited for after the commit."""
    row = wanted_version(document, is_current=is_current)
    if row.file is not None:
        return bytes(row.file)
    now = timezone.now()
    if row.next_attempt_at is None:
        DocumentVersion.objects.filter(pk=row.pk).update(next_attempt_at=now)
    # A PDF that was set aside is tried again for a later request, because the cause may be gone.
    DocumentVersion.objects.filter(pk=row.pk, attempts__gte=MAX_ATTEMPTS, next_attempt_at__lt=now).update(attempts=0)
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
                row = DocumentVersion.objects.filter(pk=pk).only("file", "attempts").first()
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
            DocumentVersion.objects.select_for_update(skip_locked=True)
            .filter(file=None, attempts__lt=MAX_ATTEMPTS, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "created_at")
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        row.next_attempt_at = now + datetime.timedelta(seconds=_CLAIM_SECONDS)
        row.save(update_fields=["attempts", "next_attempt_at"])
        logo = _logo(row)
    file, error = None, ""
    try:
        file = _rendered(row, logo)
    except Exception as fault:
        error = str(fault)[:300]
        logger.exception("pdf_failed", tenant=str(tenant_id), pdf=row.public_id, attempts=row.attempts)
    with tenant_context(tenant_id):
        mine = DocumentVersion.objects.filter(pk=row.pk, file=None)
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


def _logo(row: DocumentVersion) -> bytes | None:
    identifier = json.loads(row.content)["seller"]["logo"]
    return bytes(Logo.objects.get(pk=identifier).content) if identifier else None


def _rendered(row: DocumentVersion, logo: bytes | None) -> bytes:
    try:
        return render(TEMPLATE, document_layout(json.loads(row.content), logo))
    except PdfFailed:
        raise
    except Exception as fault:
        raise PdfFailed(f"{type(fault).__name__}: {fault}") from fault
