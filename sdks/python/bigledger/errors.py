"""What the SDK raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class BigLedgerError(Exception):
    """A refusal of the API. `code` is a member of its catalogue, `details` has one entry for each fault: `field`,
    `code`, `message`. `request_id` finds the request in the log of the server."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int = 0,
        request_id: str = "",
        details: Sequence[Mapping[str, Any]] = (),
        documentation_url: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id
        self.details = list(details)
        self.documentation_url = documentation_url
        self.retry_after = retry_after

    def __str__(self) -> str:
        faults = "; ".join(f"{one.get('field') or ''}: {one.get('message', '')}".lstrip(": ") for one in self.details)
        place = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.code or 'error'}: {self.message}{f' [{faults}]' if faults else ''}{place}"


class ConnectionFailed(BigLedgerError):
    """No answer: the server was not reached, or it took longer than `timeout`. A write may have been performed; the
    same write with the same idempotency key is safe."""


class SignatureMismatch(BigLedgerError):
    """A webhook that was not signed with any of the secrets, or too long ago."""


def of_answer(status: int, headers: Mapping[str, str], body: Any) -> BigLedgerError:
    """The error that an answer describes; one of a proxy, which is no JSON, too."""
    found = body.get("error") if isinstance(body, dict) else None
    found = found if isinstance(found, dict) else {}
    wait = headers.get("retry-after", "")
    return BigLedgerError(
        str(found.get("message") or f"The server answered {status}"),
        code=str(found.get("code", "")),
        status=status,
        request_id=str(found.get("request_id") or headers.get("x-request-id", "")),
        details=found.get("details") or (),
        documentation_url=str(found.get("documentation_url", "")),
        retry_after=float(wait) if wait.replace(".", "", 1).isdigit() else None,
    )
