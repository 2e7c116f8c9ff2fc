"""Source documents: checked by their content, kept in Django's storage, never executed and never shown inline."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError, Sum

from bigledger import texts
from bigledger.access.principal import Principal
from bigledger.dry_run import current_dry_run
from bigledger.errors import BusinessRuleViolation, PayloadTooLarge, ValidationFailed
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from bigledger.tenants.models import Plan
from bigledger.tenants.uniqueness import ensure_unique
from ledger.bodies import DocumentBody
from ledger.events import DOCUMENT_CREATED, DOCUMENT_DELETED
from ledger.models import Document
from ledger.rules import DOCUMENT_IN_USE, DOCUMENT_QUOTA
from ledger.selectors import document_body

MAX_DOCUMENT_BYTES = 5 * 1024 * 1024
_MAX_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Quota:
    """How many documents a tenant may store."""

    documents: int
    megabytes: int


# Enterprise has none.
QUOTAS = {Plan.FREE: Quota(1_000, 250), Plan.STARTER: Quota(10_000, 5_000), Plan.PROFESSIONAL: Quota(100_000, 50_000)}
# What the first bytes of each accepted type are. A name or a header may claim anything.
_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}
_TEXTS = {"csv": "text/csv", "xml": "application/xml"}


def media_type(name: str, content: bytes) -> str | None:
    """The type of `content` according to its bytes; None for a type that is not accepted.

    UTF-8 text is plain text, unless the file name says that it is CSV or XML.
    """
    for signature, found in _SIGNATURES.items():
        if content.startswith(signature):
            return found
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if any(ord(character) < 32 and character not in "\t\n\r\f" for character in text):
        return None
    return _TEXTS.get(name.rpartition(".")[2].lower(), "text/plain")


def _shown_name(name: str) -> str:
    """The name without characters that cannot be shown: it is only a label, so the file is not refused for it."""
    try:
        found = texts.clean("".join(c for c in name if c.isprintable()), longest=_MAX_NAME_LENGTH)
    except texts.BadText:
        found = ""
    return found[-_MAX_NAME_LENGTH:] or "document"


@transaction.atomic
def upload_document(
    *,
    name: str,
    content: bytes,
    reference: str | None = None,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> DocumentBody:
    """Stores a file unchanged. `reference` is its natural key (`doc_<reference>`).

    Raises ValidationFailed at `file` for an empty file or a type that is not taken; PayloadTooLarge;
    Conflict at `reference`; BusinessRuleViolation (`document_quota`).
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise PayloadTooLarge(f"A document must not exceed {MAX_DOCUMENT_BYTES} bytes")
    found = media_type(name, content) if content else None
    if found is None:
        message = "Must be a PDF, PNG, JPEG, TIFF or UTF-8 text that is not empty."
        raise ValidationFailed.at("file", message, "unsupported_type" if content else "blank")
    _check_quota(len(content))
    document = Document(
        reference=reference,
        name=_shown_name(name),
        media_type=found,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        metadata=dict(metadata or {}),
        created_by_id=acting.user_id,
    )
    # The path holds nothing that a caller chose.
    document.file.name = f"documents/{current_tenant().id}/{document.id}"
    ensure_unique(document, "ledger_document_reference", "reference", force_insert=True)
    document.refresh_from_db()
    if not current_dry_run():
        document.file.storage.save(document.file.name, ContentFile(content))
    body = document_body(document)
    record(DOCUMENT_CREATED, document.id, body, acting=acting)
    return body


@transaction.atomic
def delete_document(*, document: Document, acting: Principal) -> None:
    """Deletes a document and, once that is committed, its file.

    Raises BusinessRuleViolation (`document_in_use`): what a journal entry has is its proof, and stays.
    """
    identifier, body = document.id, document_body(document)
    storage, path = document.file.storage, str(document.file.name)
    try:
        with transaction.atomic():
            document.delete()
    except (ProtectedError, IntegrityError):
        raise BusinessRuleViolation.of(DOCUMENT_IN_USE, name=document.name) from None
    record(DOCUMENT_DELETED, identifier, body, acting=acting)
    if not current_dry_run():
        transaction.on_commit(lambda: storage.delete(path))


def _check_quota(size_bytes: int) -> None:
    quota = QUOTAS.get(Plan(current_tenant().plan))
    if quota is None:
        return
    lock("documents")
    kept = Document.objects.aggregate(count=Count("id"), total=Sum("size_bytes", default=0))
    if kept["count"] >= quota.documents or kept["total"] + size_bytes > quota.megabytes * 1_000_000:
        raise BusinessRuleViolation.of(DOCUMENT_QUOTA, most=quota.documents, megabytes=quota.megabytes)
