"""What a socket shows to say whose it is. Each kind is checked again every few seconds, as long as the socket is open.

A further kind is a class with `principal()`; `Bearer` already takes every credential that the API takes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django_otp.middleware import OTPMiddleware

from bigledger.access.admin_tenant import principals_of
from bigledger.access.authentication import authenticate
from bigledger.access.models import User
from bigledger.access.principal import Principal
from bigledger.backoffice.middleware import SESSION_KEY
from bigledger.errors import AuthenticationFailed
from bigledger.events import chain
from bigledger.tenants.context import set_tenant
from bigledger.tenants.models import Tenant

_PORTS = {"http": 80, "https": 443}


class Credential(Protocol):
    """Equal ones are checked together."""

    def principal(self) -> Principal:
        """Whose it is; the transaction of the caller is then in the principal's tenant. Raises AuthenticationFailed."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """An `Authorization` header, used from `address`."""

    header: str
    address: str

    def principal(self) -> Principal:
        return authenticate(self.header, remote_address=self.address)


@dataclass(frozen=True, slots=True)
class PageSession:
    """The session of somebody who has signed in to the pages: the tenant is the one chosen there."""

    key: str

    def principal(self) -> Principal:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.key)
        request.user = get_user(request)
        OTPMiddleware(lambda _: HttpResponse())(request)
        if not isinstance(request.user, User):
            raise AuthenticationFailed("The session has ended")
        if settings.REQUIRE_SECOND_FACTOR and not request.user.is_verified():  # type: ignore[attr-defined]
            raise AuthenticationFailed("The session has no second factor")
        choices = principals_of(request.user)
        wanted = request.session.get(SESSION_KEY)
        chosen = next((one for one in choices if str(one.tenant.id) == wanted), None) or next(iter(choices), None)
        if chosen is None:
            raise AuthenticationFailed("The user is a member of no tenant")
        set_tenant(chosen.tenant.id)
        return replace(chosen, tenant=Tenant.objects.get(pk=chosen.tenant.id))


def checked(credential: Credential) -> Principal:
    """Raises AuthenticationFailed."""
    with transaction.atomic():
        return credential.principal()


def admitted(credential: Credential) -> tuple[Principal, int]:
    """The principal, and the number of the last event of their tenant's log. Raises AuthenticationFailed."""
    with transaction.atomic():
        principal = credential.principal()
        return principal, chain.head()[0]


def session_of(headers: dict[str, str]) -> PageSession | None:
    """The session of the page that opened the socket, if the page is one of ours."""
    if not _is_same_origin(headers.get("origin", ""), headers.get("host", "")):
        return None
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return PageSession(found.value) if found and found.value else None


def _is_same_origin(origin: str, host: str) -> bool:
    """Whether the page came from this server: by its scheme and port as PUBLIC_URL has them, and by the name that the
    socket was opened at or that of PUBLIC_URL. A browser sends cookies to every port of a name (ADR 110)."""
    try:
        page, public = urlsplit(origin), urlsplit(settings.PUBLIC_URL)
        names = {public.hostname, split_domain_port(host.lower())[0].strip("[]")}
        return page.scheme == public.scheme and _port(page) == _port(public) and page.hostname in names
    except ValueError:
        return False


def _port(address: Any) -> int | None:
    return address.port or _PORTS.get(address.scheme)
