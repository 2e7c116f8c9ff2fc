"""One PostgreSQL, reached as several roles (bigledger/tenants/roles.py), past its pooler by whoever needs a session."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import unquote, urlsplit

from bigledger.settings.environment import (
    BIGLEDGER_HOME,
    DATABASE_COUNTERS_URL,
    DATABASE_DIRECT_URL,
    DATABASE_URL,
    FAST_PATH,
    SECRET_KEY,
    STATEMENT_SECONDS,
)

_BACKEND = "bigledger.postgres.fast" if FAST_PATH else "bigledger.postgres.backend"
_CONNECT_SECONDS = 15


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/")) if url else "bigledger"


def _host(url: str) -> str:
    """As it is written: a host may be the folder of a socket (`%2Frun%2FX`), whose letters have a size."""
    location, colon, _ = urlsplit(url).netloc.rpartition("@")[2].rpartition(":")
    return unquote(location if colon else urlsplit(url).netloc.rpartition("@")[2]).strip("[]")


# Roles are named after the database, not after what a pooler calls it.
_NAME = _name(DATABASE_DIRECT_URL)
_OWNER = unquote(urlsplit(DATABASE_DIRECT_URL).username or "") if DATABASE_URL else "bigledger_owner"

# The restricted roles' passwords follow from the secret key, so that no further secret is to be kept.
DATABASE_PASSWORDS = {
    kind: hmac.new(SECRET_KEY.encode(), f"database role {kind}".encode(), hashlib.sha256).hexdigest()
    for kind in ("app", "worker")
}
DATABASE_ROLES = {kind: f"{_NAME}_{kind}" for kind in ("app", "worker", "books")} | {"owner": _OWNER}


def _database(kind: str, url: str, *, statement_seconds: float | None = None) -> dict[str, object]:
    given = bool(DATABASE_URL)
    password = DATABASE_PASSWORDS.get(kind) or unquote(urlsplit(url).password or "")
    return {
        "ENGINE": _BACKEND,
        "NAME": _name(url),
        "USER": DATABASE_ROLES[kind],
        "PASSWORD": password if given else "",
        "HOST": _host(url) if given else "",
        "PORT": str(urlsplit(url).port or "") if given else "",
        "CONN_MAX_AGE": None,
        # A cursor that outlives its statement needs a session.
        "DISABLE_SERVER_SIDE_CURSORS": not FAST_PATH,
        "EMBEDDED_HOME": None if given else str(BIGLEDGER_HOME),
        "STATEMENT_SECONDS": statement_seconds,
        # No parameter of a session but these: a pooler refuses others, or forgets them.
        "OPTIONS": {"application_name": f"bigledger-{kind}", "connect_timeout": _CONNECT_SECONDS},
        "TEST": {"NAME": None},
    }


DATABASES = {
    "default": _database("app", DATABASE_URL, statement_seconds=STATEMENT_SECONDS),
    # Counters that must not roll back with the work: always in autocommit. They are asked while a transaction is open,
    # so behind a pooler they have a pool of their own: in one, transactions could hold all of it and wait for more.
    "autonomous": _database("app", DATABASE_COUNTERS_URL, statement_seconds=STATEMENT_SECONDS),
    "worker": _database("worker", DATABASE_URL),
    # What listens, and so needs a session of its own for as long as it lives.
    "listener": _database("worker", DATABASE_DIRECT_URL),
    "owner": _database("owner", DATABASE_DIRECT_URL),
}
