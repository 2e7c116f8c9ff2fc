"""The application that shows a person's codes: django-otp's TOTP device with its key encrypted at rest."""

from __future__ import annotations

import base64
import secrets as random_secrets
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from bigledger.access import secrets

_KEY_BYTES = 20  # RFC 4226, section 4: 160 bits
STEP_SECONDS = 30
TOLERANCE_STEPS = 1


def new_key() -> bytes:
    return secrets.encrypt(random_secrets.token_hex(_KEY_BYTES))


class Authenticator(TimestampMixin, ThrottlingMixin, Device):
    """Not a tenant's row: a person has one second factor in all their tenants. No page lists them.

    `last_step` is the step of the last code that was taken, so that each works once; `drift` is how many steps
    the device's clock is known to be off.
    """

    user = models.ForeignKey("access.User", models.CASCADE, related_name="+")
    encrypted_key = models.BinaryField(default=new_key)
    drift = models.SmallIntegerField(default=0)
    last_step = models.BigIntegerField(default=-1)

    class Meta(Device.Meta):
        verbose_name = "authenticator"

    @property
    def bin_key(self) -> bytes:
        return bytes.fromhex(secrets.decrypt(self.encrypted_key))

    @property
    def base32_key(self) -> str:
        """As it is typed into an application by hand."""
        return base64.b32encode(self.bin_key).decode()

    @property
    def config_url(self) -> str:
        """What the picture on the page says."""
        issuer = settings.OTP_TOTP_ISSUER
        label = quote(f"{issuer}:{self.user.get_username()}", safe="")
        query = {"secret": self.base32_key, "algorithm": "SHA1", "digits": 6, "period": STEP_SECONDS, "issuer": issuer}
        return f"otpauth://totp/{label}?{urlencode(query)}"

    def verify_token(self, token: str) -> bool:
        """Whether `token` is the present code and was not used before. Wrong ones are slowed, each more."""
        if not self.verify_is_allowed()[0]:
            return False
        totp = TOTP(self.bin_key, STEP_SECONDS, 0, 6, self.drift)
        totp.time = time.time()
        if not (token.isascii() and token.isdecimal() and totp.verify(int(token), TOLERANCE_STEPS, self.last_step + 1)):
            self.throttle_increment(commit=True)
            return False
        self.last_step, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        return 1
