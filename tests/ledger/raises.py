"""What raises each event of the books."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import open_chart, rent
from tests.conftest import Caller

TILL = {"code": "1001", "name": "Till", "type": "asset", "subtype": "current_asset", "currency": "USD"}


def account(caller: Caller) -> Any:
    return caller.post("/v1/accounts", TILL | {"opening_balance": Decimal(0)}).body


def entry(caller: Caller, **fields: Any) -> Any:
    open_chart(caller)
    return caller.post("/v1/journal-entries", rent(**fields)).body


def document(caller: Caller) -> Any:
    return caller.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", b"a")}).body


def on_account(method: str, body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/accounts/{account(caller)['id']}", body)


def on_draft(method: str, body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/journal-entries/{entry(caller, status='draft')['id']}", body)


RAISES: dict[str, Callable[[Caller], object]] = {
    "account.created": account,
    "account.updated": on_account("PATCH", {"name": "Drawer"}),
    "account.deleted": on_account("DELETE"),
    "journal_entry.created": lambda caller: entry(caller, status="draft"),
    "journal_entry.updated": on_draft("PATCH", {"description": "Changed"}),
    "journal_entry.deleted": on_draft("DELETE"),
    "journal_entry.posted": entry,
    "journal_entry.reversed": lambda caller: caller.post(
        f"/v1/journal-entries/{entry(caller)['id']}/reverse", {"reason": "Mistake"}
    ),
    "document.created": document,
    "document.deleted": lambda caller: caller.delete(f"/v1/documents/{document(caller)['id']}"),
}
