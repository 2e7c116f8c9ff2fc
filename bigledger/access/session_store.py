"""Django's sessions in the database, in a table of ours that says whose they are (ADR 181)."""

from __future__ import annotations

import hashlib
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bigledger.access.address import address_of
from bigledger.access.models import PageSession, User

_CLIENT_KEY = "client"  # of a session: the browser, when it signed in, when it was last seen
_SEEN_SECONDS = 600  # a session is written anew no more often than that
FRESH_SECONDS = 900  # within which of signing in a person may change what they sign in with


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[PageSession]:
        return PageSession

    def create_model_instance(self, data: dict[str, Any]) -> PageSession:
        row = super().create_model_instance(data)
        client = data.get(_CLIENT_KEY, {})
        row.user_id = uuid.UUID(data[USER_KEY]) if USER_KEY in data else None  # type: ignore[attr-defined]
        row.address = client.get("address", "")  # type: ignore[attr-defined]
        row.user_agent = client.get("user_agent", "")  # type: ignore[attr-defined]
        row.signed_in_at = _moment(client.get("signed_in"))  # type: ignore[attr-defined]
        row.seen_at = _moment(client.get("seen"))  # type: ignore[attr-defined]
        return row  # type: ignore[return-value]


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def note_sign_in(request: HttpRequest) -> None:
    """Keeps which browser has just signed in, and when. Control characters of the header are left out."""
    said = "".join(one for one in request.META.get("HTTP_USER_AGENT", "") if one.isprintable())
    now = time.time()
    request.session[_CLIENT_KEY] = {
        "address": address_of(request)[:45], "user_agent": said[:300], "signed_in": now, "seen": now,
    }  # fmt: skip


def note_seen(request: HttpRequest) -> None:
    client = request.session.get(_CLIENT_KEY)
    if client and time.time() - client["seen"] > _SEEN_SECONDS:
        request.session[_CLIENT_KEY] = {**client, "seen": time.time()}


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has signed in within the last quarter of an hour."""
    signed_in: float = request.session.get(_CLIENT_KEY, {}).get("signed_in", 0.0)
    return time.time() - signed_in < FRESH_SECONDS


def sessions_of(user: User) -> QuerySet[PageSession]:
    """Those that have not run out, the latest first."""
    living = PageSession.objects.filter(user=user, expire_date__gt=timezone.now())
    return living.order_by("-seen_at", "session_key")


def name_of(session_key: str) -> str:
    """What a page calls a session; the key itself opens it, so no page shows it."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]
