"""Passkeys (WebAuthn level 2): adding one, and signing in with it.

A passkey asks its owner for a finger, a face or a PIN (user verification is required), so it stands for the password
and the second factor together. What a browser is asked to sign travels with the form, signed by us and good once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bigledger.access import limits
from bigledger.access.models import Passkey, User
from bigledger.errors import AuthenticationFailed, ValidationFailed

MOST = 10  # of a person
_SECONDS = 300  # in which a browser has to answer
_SALT = "passkey"
_WRONG = "The passkey was not accepted"


def creation_options(user: User) -> tuple[dict[str, Any], str]:
    """What the browser is asked, as JSON of the specification, and our own state that comes back with the answer."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.email, display_name=user.name or user.email),
        credentials=[_stored(one) for one in Passkey.objects.filter(user=user)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), signing.dumps(state, salt=f"{_SALT} of {user.pk}")


def add_passkey(*, user: User, name: str, state: str, credential: str) -> Passkey:
    """Raises ValidationFailed."""
    try:
        begun = signing.loads(state, salt=f"{_SALT} of {user.pk}", max_age=_SECONDS)
        made = _server().register_complete(begun, _read(credential))
    except (ValueError, TypeError, KeyError, LookupError, signing.BadSignature):
        raise ValidationFailed.at("credential", "The device did not make a passkey. Try again.", "invalid") from None
    found = made.credential_data
    if found is None or not limits.spend_once(f"{_SALT}: {begun['challenge']}", seconds=_SECONDS):
        raise ValidationFailed.at("credential", "The device did not make a passkey. Try again.", "invalid")
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise ValidationFailed.at("name", f"You have {MOST} passkeys. Remove one first.", "too_many")
    try:
        with transaction.atomic():
            passkey: Passkey = Passkey.objects.create(
                user=user,
                name=name,
                credential_id=found.credential_id,
                credential=bytes(found),
                sign_count=made.counter,
            )
    except IntegrityError:
        raise ValidationFailed.at("credential", "This passkey is there already.", "taken") from None
    return passkey


def request_options() -> tuple[dict[str, Any], str]:
    """What the browser of somebody who has not said who they are is asked."""
    options, state = _server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return dict(options), signing.dumps(state, salt=_SALT)


@transaction.atomic
def check_passkey(*, state: str, credential: str) -> Passkey:
    """The passkey that signed. Raises AuthenticationFailed with one message for every reason."""
    try:
        begun = signing.loads(state, salt=_SALT, max_age=_SECONDS)
        answer = AuthenticationResponse.from_dict(_read(credential))
        passkey: Passkey | None = (
            Passkey.objects.select_for_update(of=("self",)).select_related("user")
            .filter(credential_id=answer.raw_id, confirmed=True, user__is_active=True).first()
        )  # fmt: skip
        if passkey is None or answer.response.user_handle not in (None, passkey.user.pk.bytes):
            raise AuthenticationFailed(_WRONG)
        _server().authenticate_complete(begun, [_stored(passkey)], answer)
    except (ValueError, TypeError, KeyError, LookupError, signing.BadSignature):
        raise AuthenticationFailed(_WRONG) from None
    count = answer.response.authenticator_data.counter
    # A copy of the device would count by itself (WebAuthn, section 6.1.1).
    is_copied = count <= passkey.sign_count and passkey.sign_count > 0
    if is_copied or not limits.spend_once(f"{_SALT}: {begun['challenge']}", seconds=_SECONDS):
        raise AuthenticationFailed(_WRONG)
    passkey.sign_count = count
    passkey.set_last_used_timestamp(commit=False)
    passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey


def _server() -> Fido2Server:
    """Passkeys belong to the host of PUBLIC_URL, and are asked for by pages of that origin only."""
    parts = urlsplit(settings.PUBLIC_URL)
    party = PublicKeyCredentialRpEntity(id=parts.hostname or "", name="BigLedger")
    return Fido2Server(party, verify_origin=lambda origin: origin == f"{parts.scheme}://{parts.netloc}")


def _stored(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _read(credential: str) -> Mapping[str, Any]:
    found = json.loads(credential)
    if not isinstance(found, dict):
        raise TypeError
    return found
