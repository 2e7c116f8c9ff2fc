"""The versions of documents: what each says, and its PDF once it is made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.models import TenantModel


class DocumentKind(models.TextChoices):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class DocumentVersion(TenantModel):
    """What a document says (`content`, JSON; `digest` is of it) and, once somebody asked for it, its PDF (`file`).

    `about_id` is the invoice, the credit note, or the payment of a receipt. A document that was issued has one version
    with `is_issued`: what was sent. The database refuses to change or delete it, and to make its PDF anew, whatever
    becomes of customer, tenant, templates and fonts. `next_attempt_at` is null while nobody has asked for the PDF.
    """

    id_prefix = "docv"

    kind = models.CharField(max_length=12, choices=DocumentKind.choices)
    about_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    content = models.TextField()
    is_issued = models.BooleanField(default=False, db_default=False)
    file = models.BinaryField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "about_id", "digest"],
                condition=Q(is_issued=False),
                name="invoicing_documentversion_content",
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "about_id"],
                condition=Q(is_issued=True),
                name="invoicing_documentversion_issued",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "next_attempt_at"],
                name="invoicing_version_waiting",
                condition=Q(file__isnull=True, next_attempt_at__isnull=False),
            )
        ]
