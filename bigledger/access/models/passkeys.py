"""What proves a person beside their password: keys of their devices, and codes on paper for when those are lost."""

from __future__ import annotations

import base64
import secrets as random_secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_otp.models import Device, TimestampMixin

from bigledger.access import secrets

NUMBER_OF_CODES = 10
_CODE_BYTES = 10  # 80 bits, 16 letters and digits


class Passkey(TimestampMixin, Device):
    """A credential of WebAuthn. Not a tenant's row: a person has it in all their tenants, and only they see it.

    `credential` is what the device said when it was added: its id and its public key, so nothing here is secret.
    `sign_count` is the counter of the last signature; a device that keeps none sends 0.
    """

    user = models.ForeignKey("access.User", models.CASCADE, related_name="+")
    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)

    class Meta(Device.Meta):
        verbose_name = "passkey"

    def __str__(self) -> str:
        return str(self.name)

    def verify_token(self, token: str) -> bool:
        """A passkey shows no codes."""
        return False


class RecoveryCodes(TimestampMixin, Device):
    """The codes of a person that were not used yet, as SHA-256; each works once."""

    user = models.ForeignKey("access.User", models.CASCADE, related_name="+")
    digests = ArrayField(models.BinaryField(max_length=32), default=list)

    class Meta(Device.Meta):
        verbose_name = "recovery codes"
        constraints = [models.UniqueConstraint(fields=["user"], name="access_recoverycodes_user")]

    def __str__(self) -> str:
        return f"{len(self.digests)} recovery codes"

    def renew(self) -> list[str]:
        """New codes, which are shown once; the earlier ones stop working."""
        codes = [_new_code() for _ in range(NUMBER_OF_CODES)]
        self.digests = [secrets.digest(_plain(code)) for code in codes]
        self.save()
        return codes

    def verify_token(self, token: str) -> bool:
        """Whether `token` is a code that was not used; it is used now. The caller has locked the row."""
        wanted = secrets.digest(_plain(token))
        left = [found for found in self.digests if bytes(found) != wanted]
        if len(left) == len(self.digests):
            return False
        self.digests = left
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True


def _new_code() -> str:
    text = base64.b32encode(random_secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
