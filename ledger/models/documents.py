"""The tables of source documents and of their attachments to journal entries."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order
from ledger.models.entries import JournalEntry


class Document(WithMetadata, TenantModel):
    """A source document: the scan or file that proves an entry."""

    id_prefix = "doc"
    natural_field = "reference"

    reference = models.CharField(max_length=64, null=True, blank=True)
    name = models.CharField(max_length=255)
    name_order = natural_order("name")
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="documents/")
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "reference"], name="ledger_document_reference")]
        indexes = [models.Index(fields=["tenant", "name_order"], name="ledger_document_order")]

    def __str__(self) -> str:
        return self.name


class Attachment(TenantModel):
    """A document on a journal entry."""

    id_prefix = "att"

    entry = TenantForeignKey(JournalEntry, models.PROTECT, related_name="attachments")
    document = TenantForeignKey(Document, models.PROTECT, related_name="attachments")
