"""What the OAuth server allows, where it differs from the toolkit's way."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone
from oauth2_provider.models import AbstractApplication
from oauth2_provider.oauth2_validators import OAuth2Validator

from bigledger.access.models import AccessToken, Application, Grant, RefreshToken
from bigledger.access.scopes import within

Row = TypeVar("Row", Grant, AccessToken, RefreshToken)


class Validator(OAuth2Validator):
    """PKCE by the kind of client; the granted tenant carried from consent to token to refreshed token."""

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        # oauthlib asks `is True`. A client that is not known is refused for that, after this.
        kind = Application.objects.filter(client_id=client_id).values_list("client_type", flat=True).first()
        return bool(kind != AbstractApplication.CLIENT_CONFIDENTIAL)

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        # Locked, so that of two exchanges of one code the second finds it gone.
        grant = Grant.objects.select_for_update(of=("self",)).filter(code=code, application=client).first()
        if grant is None:
            self._end_what_came_of(code, client)
            return False
        if request.code_verifier and not grant.code_challenge:
            return False  # somebody took the challenge away on the way here (RFC 9700, section 2.1.1)
        request.granted_tenant_id = grant.granted_tenant_id
        return bool(super().validate_code(client_id, code, client, request, *args, **kwargs))

    def _end_what_came_of(self, code: str, client: Application) -> None:
        """A code that was exchanged before has been copied: whatever it gave ends (RFC 6749, section 4.1.2)."""
        rows = RefreshToken.objects.filter(application=client, code_checksum=_checksum(code))
        for family in rows.values_list("token_family", flat=True):
            RefreshToken.revoke_family(family)

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """What was granted, as far as the application may still have it."""
        granted = super().get_original_scopes(refresh_token, request, *args, **kwargs)
        names = granted.split() if isinstance(granted, str) else granted
        return sorted(within(names, request.client.scopes))

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        request.granted_tenant_id = request.refresh_token_instance.granted_tenant_id
        return True

    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Grant:
        grant: Grant = super()._create_authorization_code(request, code, expires)
        return self._granted(grant, request)

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Two refreshes of one token at once both get a pair of the same family.

        The toolkit answers the second with the first one's tokens, which it no longer knows: only
        checksums are kept.
        """
        used: RefreshToken | None = getattr(request, "refresh_token_instance", None)
        if used is not None:
            used = RefreshToken.objects.select_for_update().get(pk=used.pk)
        if used is None or used.revoked is None:
            super()._save_bearer_token(token, request, *args, **kwargs)
            return
        self._check_and_set_request_resource(request)
        expires = timezone.now() + timedelta(seconds=token["expires_in"])
        access_token = self._create_access_token(expires, request, token)
        self._create_refresh_token(request, token["refresh_token"], access_token, used)

    def _create_access_token(
        self, expires: Any, request: Any, token: Any, source_refresh_token: Any = None
    ) -> AccessToken:
        made: AccessToken = super()._create_access_token(expires, request, token, source_refresh_token)
        return self._granted(made, request)

    def _create_refresh_token(self, request: Any, code: str, access_token: Any, previous: Any) -> RefreshToken:
        made: RefreshToken = super()._create_refresh_token(request, code, access_token, previous)
        if request.grant_type == "authorization_code":
            made.code_checksum = _checksum(request.code)
            made.save(update_fields=["code_checksum"])
        return self._granted(made, request)

    def _granted(self, row: Row, request: Any) -> Row:
        """Of client credentials nobody chose a tenant: it is the application's own."""
        tenant_id: uuid.UUID | None = getattr(request, "granted_tenant_id", None)
        if tenant_id is not None:
            row.granted_tenant_id = tenant_id
            row.save(update_fields=["granted_tenant"])
        return row


def _checksum(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
