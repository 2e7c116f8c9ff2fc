"""What raises the event of a mail."""

from __future__ import annotations

from collections.abc import Callable

from bigledger.mail.delivery import MAX_ATTEMPTS, deliver_next_mail
from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller


def failed(caller: Caller) -> None:
    """An invitation whose secret nobody can read any more, at its last attempt."""
    caller.post("/v1/invitations", {"email": "nobody@example.com", "role": "viewer"})
    with tenant_context(caller.tenant):
        Mail.objects.update(attempts=MAX_ATTEMPTS - 1, encrypted_secret=b"")
    deliver_next_mail(caller.tenant)


RAISES: dict[str, Callable[[Caller], object]] = {"mail.failed": failed}
