"""What breaks each rule of the books."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.rules import Rule
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan
from ledger import rules
from ledger.services import documents
from ledger.services.recurring.entries import claim_next_entry, make_claimed_entry
from tests.api.conftest import rent
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller
from tests.ledger.raises import closed, closed_year, document, entry, recurring, schedule
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


def without_rate(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    lines = [{"account_id": "acc_6100", "debit": 5, "currency": "EUR"}, {"account_id": "acc_1000", "credit": 5}]
    return asking(caller, "POST", "/v1/journal-entries", {"date": "2024-01-15", "lines": lines})


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


def in_closed(caller: Caller, patch: Patch) -> Ask:
    closed(caller)
    return asking(caller, "POST", "/v1/journal-entries", rent(reference="late"))


def with_accounts(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    return asking(caller, "POST", "/v1/chart-templates/us/apply")


def on_period(action: str, change: object = None, *, first: str = "") -> Prepare:
    """A request about January 2024, after another one about it."""

    def prepare(caller: Caller, patch: Patch) -> Ask:
        path = closed(caller) if first else entry(caller)
        if first == "lock":
            caller.post(f"{path}/lock", {})
        return asking(caller, "POST", f"/v1/periods/per_2024-01/{action}", change or {})

    return prepare


def running(caller: Caller, patch: Patch) -> Ask:
    today = caller.tenant.today()
    entry(caller, date=today.isoformat())
    return asking(caller, "POST", f"/v1/periods/per_{today:%Y-%m}/close", {})


def suspense(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    caller.post("/v1/accounts", {"code": "1999", "name": "Suspense", "type": "asset", "subtype": "other_asset"})
    lines = [{"account_id": "acc_1999", "debit": 5}, {"account_id": "acc_1000", "credit": 5}]
    caller.post("/v1/journal-entries", {"date": "2024-01-20", "lines": lines})
    return asking(caller, "POST", "/v1/periods/per_2024-01/close", {})


def year_closed_twice(caller: Caller, patch: Patch) -> Ask:
    closed_year(caller)
    return asking(caller, "POST", "/v1/periods/close-year", {"year": 2024})


def year_not_closed(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    return asking(caller, "POST", "/v1/periods/reopen-year", {"year": 2024, "reason": "Mistake"})


def closing_entry(caller: Caller, patch: Patch) -> Ask:
    number = closed_year(caller)["closing_entry_id"]
    return asking(caller, "POST", f"/v1/journal-entries/{number}/reverse", {"reason": "Mistake"})


def paused_twice(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    path = f"/v1/recurring-journal-entries/{recurring(caller)['id']}/pause"
    caller.post(path)
    return asking(caller, "POST", path)


def on_recurring(method: str, action: str = "", *, is_made: bool = False) -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        entry(caller)
        made = recurring(caller)
        if is_made:
            with tenant_context(caller.tenant):
                make_claimed_entry(claim_next_entry())  # type: ignore[arg-type] # today's
        return asking(caller, method, f"/v1/recurring-journal-entries/{made['id']}{action}")

    return prepare


def stopped_twice(caller: Caller, patch: Patch) -> Ask:
    entry(caller)
    path = f"/v1/schedules/{schedule(caller)['id']}/stop"
    caller.post(path, {"reason": "Over"})
    return asking(caller, "POST", path, {"reason": "Over"})


def spread_twice(caller: Caller, patch: Patch) -> Ask:
    shop = Shop(caller)
    entry(caller)
    shop.customer(number="123456")
    line = shop.sent("120.00")["lines"][0]["id"]
    body = {"invoice_line_id": line, "debit_account_id": "acc_1000", "months": 2}
    shop.post("/v1/schedules", **body)
    return asking(caller, "POST", "/v1/schedules", body)


BREAKS: dict[Rule, Prepare] = {
    rules.RECURRING_ENTRY_IN_USE: on_recurring("DELETE", is_made=True),
    rules.RECURRING_ENTRY_NOT_ACTIVE: paused_twice,
    rules.RECURRING_ENTRY_NOT_PAUSED: on_recurring("POST", "/resume"),
    rules.SCHEDULE_NOT_ACTIVE: stopped_twice,
    rules.SCHEDULE_EXISTS: spread_twice,
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
    rules.RATE_MISSING: without_rate,
    rules.PERIOD_CLOSED: in_closed,
    rules.PERIOD_ALREADY_CLOSED: on_period("close", first="close"),
    rules.PERIOD_NOT_CLOSED: on_period("lock"),
    rules.PERIOD_LOCKED: on_period("reopen", {"reason": "Late"}, first="lock"),
    rules.PERIOD_NOT_OVER: running,
    rules.CHECKLIST_OPEN: suspense,
    rules.YEAR_ALREADY_CLOSED: year_closed_twice,
    rules.YEAR_NOT_CLOSED: year_not_closed,
    rules.CLOSING_ENTRY: closing_entry,
}
