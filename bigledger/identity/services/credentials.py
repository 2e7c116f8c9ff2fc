"""API keys, signing secrets and OAuth applications. A secret is in the answer that makes it and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from oauth2_provider.generators import generate_client_secret

from bigledger import ids
from bigledger.access import services as access
from bigledger.access.models import AccessToken, ApiKey, Application, Membership, RefreshToken, SigningSecret, User
from bigledger.access.principal import Principal
from bigledger.access.scopes import covers
from bigledger.errors import Detail, PermissionDenied, ResourceNotFound, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import (
    ApplicationBody,
    NewApiKeyBody,
    NewApplicationBody,
    NewSigningSecretBody,
    api_key_body,
    application_body,
    signing_secret_body,
)
from bigledger.tenants.context import current_tenant


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Sequence[str],
    user_id: str | None = None,
    allowed_networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    acting: Principal,
) -> NewApiKeyBody:
    """A key of the caller, or of the member `user_id`. Raises PermissionDenied for a scope beyond the
    caller's own; ResourceNotFound when there is no such member."""
    check_scopes(scopes, acting)
    key, text = access.create_api_key(
        user=_member(user_id, acting),
        name=name,
        scopes=scopes,
        allowed_networks=allowed_networks,
        expires_at=expires_at,
    )
    key.refresh_from_db()
    body = api_key_body(key)
    record(events.API_KEY_CREATED, key.id, body)
    return NewApiKeyBody(**msgspec.structs.asdict(body), key=text)


@transaction.atomic
def revoke_api_key(*, key: ApiKey, acting: Principal) -> None:
    """From the next request on, the key opens nothing. Revoking it again changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("user").get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = current_tenant().now()
        key.save(update_fields=["revoked_at"])
        record(events.API_KEY_REVOKED, key.id, api_key_body(key))


@transaction.atomic
def create_signing_secret(*, user_id: str | None = None, acting: Principal) -> NewSigningSecretBody:
    """One more secret of the caller, or of the member `user_id`; earlier ones go on until revoked."""
    secret, text = access.create_signing_secret(user=_member(user_id, acting))
    secret.refresh_from_db()
    body = signing_secret_body(secret)
    record(events.SIGNING_SECRET_CREATED, secret.id, body)
    return NewSigningSecretBody(**msgspec.structs.asdict(body), secret=text)


@transaction.atomic
def revoke_signing_secret(*, secret: SigningSecret, acting: Principal) -> None:
    """Ends every token signed with it. Revoking it again changes nothing."""
    secret = SigningSecret.objects.select_for_update(of=("self",)).select_related("user").get(pk=secret.pk)
    if secret.revoked_at is None:
        secret.revoked_at = current_tenant().now()
        secret.save(update_fields=["revoked_at"])
        record(events.SIGNING_SECRET_REVOKED, secret.id, signing_secret_body(secret))


@transaction.atomic
def create_application(
    *,
    name: str,
    redirect_uris: Sequence[str] = (),
    client_type: str = Application.CLIENT_CONFIDENTIAL,
    grant_type: str = "authorization_code",
    scopes: Sequence[str] = ("read", "write"),
    acting: Principal,
) -> NewApplicationBody:
    """Registers a program. Raises ValidationFailed; PermissionDenied for a scope beyond the caller's own."""
    check_scopes(scopes, acting)
    public = client_type == Application.CLIENT_PUBLIC
    if grant_type == "client_credentials" and public:
        raise ValidationFailed.at("client_type", "A public client has no secret to use client credentials with.")
    application = Application(
        name=name,
        redirect_uris=" ".join(redirect_uris),
        client_type=client_type,
        authorization_grant_type=grant_type.replace("_", "-"),
        scopes=list(scopes),
        user=_member(None, acting),
    )
    _check_redirects(application)
    secret = None if public else generate_client_secret()
    # A public client's secret is random and known to nobody, so that none works.
    application.client_secret = secret or generate_client_secret()
    application.save(force_insert=True)
    body = application_body(application)
    record(events.APPLICATION_CREATED, application.id, body)
    return NewApplicationBody(**msgspec.structs.asdict(body), client_secret=secret)


@transaction.atomic
def update_application(*, application: Application, changes: Mapping[str, Any], acting: Principal) -> ApplicationBody:
    """Changes name, redirect addresses or scopes. Raises as `create_application`."""
    application = Application.objects.select_for_update(of=("self",)).select_related("user").get(pk=application.pk)
    before = application_body(application)
    values = dict(changes)
    if "scopes" in values:
        check_scopes(values["scopes"], acting)
    if "redirect_uris" in values:
        values["redirect_uris"] = " ".join(values["redirect_uris"])
    for name, value in values.items():
        setattr(application, name, value)
    _check_redirects(application)
    if shown_change(application, before, application_body) is None:
        return before
    application.save()
    body = application_body(application)
    record(events.APPLICATION_UPDATED, application.id, body, previous=before)
    return body


@transaction.atomic
def delete_application(*, application: Application, acting: Principal) -> None:
    """The application with all its codes and tokens."""
    application = Application.objects.select_for_update(of=("self",)).select_related("user").get(pk=application.pk)
    record(events.APPLICATION_DELETED, application.id, application_body(application))
    RefreshToken.objects.filter(application=application).update(access_token=None)
    AccessToken.objects.filter(application=application).update(source_refresh_token=None)
    application.delete()


def check_scopes(scopes: Sequence[str], acting: Principal) -> None:
    """Raises PermissionDenied, naming each scope that the caller does not hold and so cannot hand out."""
    beyond = [scope for scope in scopes if not covers(acting.scopes, scope)]
    if beyond:
        raise PermissionDenied(
            f"The credential cannot hand out {', '.join(beyond)}, which it lacks itself",
            [Detail(f"The credential lacks the scope {scope}", field="scopes", scope=scope) for scope in beyond],
        )


def _check_redirects(application: Application) -> None:
    if application.authorization_grant_type == Application.GRANT_AUTHORIZATION_CODE and not application.redirect_uris:
        raise ValidationFailed.at("redirect_uris", "At least one is needed to send a code to.")


def _member(user_id: str | None, acting: Principal) -> User:
    identifier = ids.decode("user", user_id) if user_id else acting.user_id
    found = Membership.objects.select_related("user").filter(user_id=identifier) if identifier else None
    membership = found.first() if found is not None else None
    if membership is None:
        message = f"There is no member {user_id}"
        raise ResourceNotFound(message, [Detail(message, field="user_id")])
    return membership.user
