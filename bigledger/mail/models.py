"""A mail on its way, and what became of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from bigledger.tenants.models import TenantModel


class MailState(models.TextChoices):
    """`failed` is set aside for good; `cancelled` was no longer true when its turn came."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Mail(TenantModel):
    """One mail. `about_id` is an object whose type the kind of mail knows; `context` is text as it was at that moment.

    `next_attempt_at` is moved back when an attempt begins, so a worker that dies in the middle has been counted.
    `encrypted_secret` is what only the recipient may read (the token of an invitation); it is deleted when the
    mail has been sent, has failed or was cancelled. `subject` is known from the first attempt on.
    """

    id_prefix = "mail"

    kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    to = ArrayField(models.EmailField())
    cc = ArrayField(models.EmailField(), default=list, blank=True)
    reply_to = models.EmailField(blank=True)
    context = models.JSONField(default=dict, blank=True)
    encrypted_secret = models.BinaryField(null=True)
    subject = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, editable=False)
    # The same for all that a transaction queues: `limits.py` tells its own by it.
    created_at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="mail_mail_sent_at",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(encrypted_secret__isnull=True), name="mail_mail_secret_goes"
            ),
            models.CheckConstraint(condition=~Q(to=[]), name="mail_mail_has_recipients"),
        ]
        indexes = [
            models.Index(fields=["tenant", "next_attempt_at"], name="mail_mail_waiting", condition=Q(state="waiting")),
            models.Index(fields=["tenant", "about_id"], name="mail_mail_about"),
            # What a transaction has queued so far, and what an address got today.
            models.Index(fields=["tenant", "created_at"], name="mail_mail_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {', '.join(self.to)}"
