"""What breaks each rule of the books."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.postgres.execute import fetch_all
from bigledger.rules import Rule
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan
from ledger import rules
from ledger.services import documents
from tests.api.conftest import rent
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller
from tests.ledger.raises import document, entry
from tests.sales import Shop

Patch = pytest.MonkeyPatch


def on_account(method: str, change: object = None) -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        entry(caller)
        return asking(caller, method, "/v1/accounts/acc_6100", change)

    return prepare


def on_entry(method: str, action: str = "", change: object = None, **fields: object) -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        return asking(caller, method, f"/v1/journal-entries/{entry(caller, **fields)['id']}{action}", change)

    return prepare


def inactive(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    caller.patch("/v1/accounts/acc_6100", {"is_active": False})
    return asking(caller, "POST", "/v1/journal-entries", rent())


def reversed_twice(caller: Caller, patch: Patch) -> Ask:
    path = f"/v1/journal-entries/{entry(caller)['id']}/reverse"
    caller.post(path, {"reason": "Mistake"})
    return asking(caller, "POST", path, {"reason": "Again"})


def of_document(caller: Caller, patch: Patch) -> Ask:
    shop = Shop(caller)
    shop.customer(number="123456")
    path = f"/v1/journal-entries/{shop.sent()['journal_entry_id']}/reverse"
    return asking(caller, "POST", path, {"reason": "Mistake"})


def receivable(caller: Caller) -> str:
    """The id of Accounts Receivable, which an invoice opened."""
    shop = Shop(caller)
    shop.customer(number="123456")
    shop.sent()
    found: str = shop.read("/v1/sales-settings")["accounts_receivable_id"]
    return found


def of_no_document(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    lines = [{"account_id": receivable(caller), "credit": 25}, {"account_id": "acc_6100", "debit": 25}]
    return asking(caller, "POST", "/v1/journal-entries", {"date": "2024-01-15", "lines": lines})


def control_with_entries(caller: Caller, patch: Patch) -> Ask:
    entry(caller)  # from rent to cash
    return asking(caller, "PATCH", "/v1/sales-settings", {"accounts_receivable_id": "acc_1000"})


def deactivated(caller: Caller, patch: Patch) -> Ask:
    return asking(caller, "PATCH", f"/v1/accounts/{receivable(caller)}", {"is_active": False})


def attached(caller: Caller, patch: Patch) -> Ask:
    kept = document(caller)
    entry(caller, attachments=[kept["id"]])
    return asking(caller, "DELETE", f"/v1/documents/{kept['id']}")


def full(caller: Caller, patch: Patch) -> Ask:
    patch.setitem(documents.QUOTAS, Plan(caller.tenant.plan), documents.Quota(1, 100))
    document(caller)
    return lambda: caller.upload("/v1/documents", {"file": SimpleUploadedFile("b.txt", b"b")})


def closed(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    with tenant_context(caller.tenant):
        fetch_all("SELECT ledger_close_books(%s)", ["2024-12-31"])
    return asking(caller, "POST", "/v1/journal-entries", rent(reference="late"))


def with_accounts(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    return asking(caller, "POST", "/v1/chart-templates/us/apply")


BREAKS: dict[Rule, Prepare] = {
    rules.ACCOUNT_INACTIVE: inactive,
    rules.ACCOUNT_IN_USE: on_account("DELETE"),
    rules.ACCOUNT_FIXED: on_account("PATCH", {"currency": "EUR"}),
    rules.ACCOUNT_HAS_PURPOSE: deactivated,
    rules.CONTROL_ACCOUNT: of_no_document,
    rules.CONTROL_HAS_ENTRIES: control_with_entries,
    rules.DATE_BEFORE_SOURCE: on_entry("POST", "/reverse", {"reason": "Mistake", "date": "2024-01-14"}),
    rules.ACCOUNTS_EXIST: with_accounts,
    rules.ENTRY_POSTED: on_entry("PATCH", change={"description": "Changed"}),
    rules.ENTRY_NOT_POSTED: on_entry("POST", "/reverse", {"reason": "Mistake"}, status="draft"),
    rules.ENTRY_ALREADY_REVERSED: reversed_twice,
    rules.ENTRY_OF_DOCUMENT: of_document,
    rules.DOCUMENT_IN_USE: attached,
    rules.DOCUMENT_QUOTA: full,
    rules.PERIOD_CLOSED: closed,
}
