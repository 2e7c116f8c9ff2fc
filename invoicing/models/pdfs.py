"""The PDFs of invoices: each requested version is created once and stored."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.models import TenantForeignKey, TenantModel
from invoicing.models.invoices import Invoice


class InvoicePdf(TenantModel):
    """A version of an invoice's document: what it says (`content`, JSON) and, once it is made, its bytes (`file`).

    `digest` is of the content. What was sent is kept: the same content gives these very bytes, for ever, whatever
    becomes of templates and fonts.
    """

    id_prefix = "pdf"

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="pdfs")
    digest = models.CharField(max_length=64)
    content = models.TextField()
    file = models.BinaryField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "invoice", "digest"], name="invoicing_pdf_version")]
        indexes = [
            models.Index(
                fields=["tenant", "next_attempt_at"], name="invoicing_pdf_waiting", condition=Q(file__isnull=True)
            )
        ]
