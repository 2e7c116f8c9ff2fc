"""Members, keys and tokens of all kinds, for the tests beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.test import Client

from bigledger.access.models import ApiKey, Membership, User
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.tenants.context import tenant_context
from tests.conftest import Answer, Caller

PASSWORD = "sturdy kettle 42"


def bearer(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


def member(caller: Caller, email: str, role: str) -> Membership:
    """A member of the caller's tenant, with a password."""
    with tenant_context(caller.tenant):
        user = get_or_create_user(email=email)
        user.set_password(PASSWORD)
        user.save()
        return add_member(user=user, role=role)


def key_of(caller: Caller, user: User, *scopes: str, **more: Any) -> str:
    with tenant_context(caller.tenant):
        return add_api_key(user=user, name="test", scopes=scopes or ("read", "write", "admin"), **more)[1]


def signed(secret: str, user_id: str, scope: str | None = None) -> str:
    now = datetime.now(UTC)
    claims: dict[str, Any] = {"sub": user_id, "iat": now, "exp": now + timedelta(hours=1)}
    return jwt.encode(claims | ({"scope": scope} if scope else {}), secret, algorithm="HS256")


def anonymous(path: str, body: Any, *, address: str = "127.0.0.1", **headers: str) -> Answer:
    """A POST of JSON without a credential."""
    names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    text = json.dumps(body)
    return Answer(Client().post(path, text, content_type="application/json", REMOTE_ADDR=address, **names))


def sign_in(email: str, **more: Any) -> Answer:
    return anonymous("/v1/auth/token", {"email": email, "password": PASSWORD, **more})


def keys_in(caller: Caller) -> int:
    with tenant_context(caller.tenant):
        return ApiKey.objects.count()
