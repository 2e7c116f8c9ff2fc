"""Checks a credential before any effort is spent on the request's body."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from bigledger.access.authentication import authenticate
from bigledger.errors import AuthenticationFailed
from bigledger.postgres.backend.base import let_go_of_broken_connections
from bigledger.server import proxies


def tenant_of_caller(environ: dict[str, Any]) -> uuid.UUID | None:
    """The tenant of a valid credential, or None. No limit is counted; the request itself does that."""
    proxies.apply(environ)
    try:
        with transaction.atomic():
            principal = authenticate(environ["HTTP_AUTHORIZATION"], remote_address=environ["REMOTE_ADDR"])
            return principal.tenant.id
    except AuthenticationFailed:
        return None
    finally:
        let_go_of_broken_connections()
