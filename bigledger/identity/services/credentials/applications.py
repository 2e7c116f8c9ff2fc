"""OAuth applications: registered, changed, deleted, and given new secrets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import transaction
from oauth2_provider.generators import generate_client_secret

from bigledger.access.models import AccessToken, Application, RefreshToken, User
from bigledger.access.principal import Principal
from bigledger.errors import ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import ApplicationBody, NewApplicationBody, application_body
from bigledger.identity.services.ceilings import check_scopes, check_unbound, member_for


@transaction.atomic
def create_application(
    *,
    name: str,
    redirect_uris: Sequence[str] = (),
    client_type: str = Application.CLIENT_CONFIDENTIAL,
    grant_type: str = "authorization_code",
    scopes: Sequence[str] = ("read", "write"),
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> NewApplicationBody:
    """Registers a program. Raises ValidationFailed; PermissionDenied for more than the caller holds."""
    check_scopes(scopes, acting)
    check_unbound(acting, what="an application")
    public = client_type == Application.CLIENT_PUBLIC
    if grant_type == "client_credentials" and public:
        raise ValidationFailed.at(
            "client_type", "A public client has no secret, so it cannot use client credentials.", "incompatible"
        )
    application = Application(
        name=name,
        redirect_uris=" ".join(redirect_uris),
        client_type=client_type,
        authorization_grant_type=grant_type.replace("_", "-"),
        scopes=list(scopes),
        metadata=dict(metadata or {}),
        user=member_for(None, acting),
        secret_shown_to_id=acting.made_by or acting.user_id,
    )
    _check_redirects(application)
    secret = None if public else generate_client_secret()
    # A public client's secret is random and known to nobody, so that none works.
    application.client_secret = secret or generate_client_secret()
    application.save(force_insert=True)
    body = application_body(application)
    record(events.APPLICATION_CREATED, application.id, body, acting=acting)
    return NewApplicationBody(**msgspec.structs.asdict(body), client_secret=secret)


@transaction.atomic
def update_application(*, application: Application, changes: Mapping[str, Any], acting: Principal) -> ApplicationBody:
    """Changes name, redirect addresses, scopes or metadata. Narrower scopes hold for living tokens as well.

    Changing the redirect addresses requires all scopes of the application, since they decide who receives its codes.
    Raises as `create_application`.
    """
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("user", "secret_shown_to")
        .get(pk=application.pk)
    )
    before = application_body(application)
    values = dict(changes)
    if "scopes" in values:
        check_scopes(values["scopes"], acting)
        check_unbound(acting, what="the scopes of an application")
    if "redirect_uris" in values:
        check_scopes(values.get("scopes", application.scopes), acting)
        check_unbound(acting, what="the codes of an application")
        values["redirect_uris"] = " ".join(values["redirect_uris"])
    for name, value in values.items():
        setattr(application, name, value)
    _check_redirects(application)
    if shown_change(application, before, application_body) is None:
        return before
    application.save()
    body = application_body(application)
    record(events.APPLICATION_UPDATED, application.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def rotate_application_secret(*, application: Application, acting: Principal) -> NewApplicationBody:
    """A new secret, shown once; the old one and what came of client credentials end now. The application acts as the
    caller from now on, where it acts as nobody else. Raises PermissionDenied for more than the caller holds;
    ValidationFailed for a public client, which has none."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("user", "secret_shown_to")
        .get(pk=application.pk)
    )
    check_scopes(application.scopes, acting)
    check_unbound(acting, what="the secret of an application")
    if application.client_type == Application.CLIENT_PUBLIC:
        raise ValidationFailed("A public client has no secret.")
    secret = generate_client_secret()
    body = _give(
        application, secret, user=member_for(None, acting), shown_to_id=acting.made_by or acting.user_id, acting=acting
    )
    return NewApplicationBody(**msgspec.structs.asdict(body), client_secret=secret)


def void_application_secret(*, application: Application, acting: Principal) -> None:
    """Replaces the secret by one that nobody knows; an owner rotates it to use the application again."""
    _give(
        application, generate_client_secret(), user=member_for(None, acting), shown_to_id=acting.user_id, acting=acting
    )


def _give(
    application: Application, secret: str, *, user: User, shown_to_id: uuid.UUID, acting: Principal
) -> ApplicationBody:
    before = application_body(application)
    application.client_secret = secret
    application.user, application.secret_shown_to_id = user, shown_to_id
    application.save()
    AccessToken.objects.filter(application=application, user=None).delete()
    body = application_body(application)
    record(events.APPLICATION_UPDATED, application.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_application(*, application: Application, acting: Principal) -> None:
    """The application with all its codes and tokens."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("user", "secret_shown_to")
        .get(pk=application.pk)
    )
    record(events.APPLICATION_DELETED, application.id, application_body(application), acting=acting)
    RefreshToken.objects.filter(application=application).update(access_token=None)
    AccessToken.objects.filter(application=application).update(source_refresh_token=None)
    application.delete()


def _check_redirects(application: Application) -> None:
    if application.authorization_grant_type == Application.GRANT_AUTHORIZATION_CODE and not application.redirect_uris:
        raise ValidationFailed.at(
            "redirect_uris", "The authorization code grant requires at least one redirect URI.", "required"
        )
