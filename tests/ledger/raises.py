"""What raises each event of the books."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.tenants.context import tenant_context
from ledger.models import Schedule, ScheduleRow
from ledger.services.schedules.schedules import post_next_schedule
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller

LONG_AGO = "per_2019-01"
TILL = {"code": "1001", "name": "Till", "type": "asset", "subtype": "current_asset", "currency": "USD"}


def account(caller: Caller) -> Any:
    return caller.post("/v1/accounts", TILL | {"opening_balance": Decimal(0)}).body


def entry(caller: Caller, **fields: Any) -> Any:
    open_chart(caller)
    return caller.post("/v1/journal-entries", rent(**fields)).body


def document(caller: Caller) -> Any:
    return caller.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", b"a")}).body


def closed(caller: Caller, reference: str = "JE-1") -> str:
    """The period of January 2024 with an entry in it, closed; its path."""
    entry(caller, reference=reference)
    assert caller.post("/v1/periods/per_2024-01/close", {}).status == 200
    return "/v1/periods/per_2024-01"


def exception(caller: Caller) -> Any:
    """In books that have a chart; a month of its own is closed for it."""
    lines = [{"account_id": "acc_6100", "debit": 5}, {"account_id": "acc_4000", "credit": 5}]
    assert caller.post("/v1/journal-entries", {"date": "2019-01-15", "lines": lines}).status == 201
    caller.post(f"/v1/periods/{LONG_AGO}/close", {})
    tomorrow = caller.tenant.now() + datetime.timedelta(days=1)
    wanted = {"period_id": LONG_AGO, "expires_at": tomorrow.isoformat(), "reason": "secret"}
    return caller.post("/v1/lock-exceptions", wanted).body


MONTHLY_RENT: dict[str, Any] = {
    "template": {"description": "secret", "lines": rent()["lines"]},
    "frequency": "monthly",
}


def recurring(caller: Caller) -> Any:
    """In books that have a chart."""
    return caller.post("/v1/recurring-journal-entries", MONTHLY_RENT).body


def on_recurring(method: str, *paths: str, body: Any = None) -> Callable[[Caller], object]:
    """What is done one after the other with a recurring entry."""

    def do(caller: Caller) -> None:
        open_chart(caller)
        made = recurring(caller)
        for path in paths:
            answer = caller.request(method, f"/v1/recurring-journal-entries/{made['id']}{path}", body)
            assert answer.status < 300, answer.text

    return do


SPREAD_RENT: dict[str, Any] = {
    "description": "secret",
    "amount": Decimal("1200.00"),
    "debit_account_id": "acc_6100",
    "credit_account_id": "acc_1000",
    "start_date": "2024-01-01",
    "months": 12,
}


def schedule(caller: Caller, **fields: Any) -> Any:
    """In books that have a chart, all of it to come."""
    first = caller.tenant.today().replace(day=1) + datetime.timedelta(days=40)
    return caller.post("/v1/schedules", SPREAD_RENT | {"start_date": first.isoformat()} | fields).body


def on_schedule(method: str, path: str, body: Any) -> Callable[[Caller], object]:
    return lambda caller: (
        open_chart(caller),
        caller.request(method, f"/v1/schedules/{schedule(caller)['id']}{path}", body),
    )


def posted_schedule(caller: Caller) -> object:
    """What became due after the schedule was made is posted by the clock."""
    open_chart(caller)
    made = schedule(caller)
    with tenant_context(caller.tenant):
        yesterday = caller.tenant.today() - datetime.timedelta(days=1)
        row = ScheduleRow.objects.filter(schedule=Schedule.id_in(made["id"])).order_by("date").first()
        ScheduleRow.objects.filter(pk=row.pk).update(date=yesterday)  # type: ignore[union-attr] # it has twelve
        return post_next_schedule(set())


def closed_year(caller: Caller) -> Any:
    entry(caller)
    return caller.post("/v1/periods/close-year", {"year": 2024}).body


def reopened_year(caller: Caller) -> Any:
    closed_year(caller)
    return caller.post("/v1/periods/reopen-year", {"year": 2024, "reason": "Mistake"}).body


def on_account(method: str, body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/accounts/{account(caller)['id']}", body)


def on_draft(method: str, body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/journal-entries/{entry(caller, status='draft')['id']}", body)


def exchange_rate(caller: Caller) -> Any:
    given = {"currency": "EUR", "date": "2024-01-15", "rate": Decimal("1.0945"), "source": "secret"}
    return caller.post("/v1/exchange-rates", given).body


def on_rate(method: str, body: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/exchange-rates/{exchange_rate(caller)['id']}", body)


def imported_rates(caller: Caller) -> object:
    file = SimpleUploadedFile("eurofxref-hist.csv", b"Date,USD,JPY,\n2024-01-15,1.0945,160.02,\n")
    return caller.upload("/v1/exchange-rates/import", {"file": file})


def revaluation(caller: Caller) -> Any:
    """In books that have a chart."""
    return caller.post("/v1/fx-revaluations", {"as_of": "2024-01-31"}).body


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
    "exchange_rate.created": exchange_rate,
    "exchange_rate.updated": on_rate("PATCH", {"rate": Decimal("1.0947")}),
    "exchange_rate.deleted": on_rate("DELETE"),
    "exchange_rate.imported": imported_rates,
    "fx_revaluation.created": lambda caller: (open_chart(caller), revaluation(caller)),
    "period.closed": closed,
    "period.reopened": lambda caller: caller.post(f"{closed(caller)}/reopen", {"reason": "Late"}),
    "period.locked": lambda caller: caller.post(f"{closed(caller)}/lock", {}),
    "period.year_closed": closed_year,
    "period.year_reopened": reopened_year,
    "lock_exception.created": lambda caller: (entry(caller), exception(caller)),
    "recurring_journal_entry.created": lambda caller: (open_chart(caller), recurring(caller)),
    "recurring_journal_entry.updated": on_recurring("PATCH", "", body={"auto_post": False}),
    "recurring_journal_entry.deleted": on_recurring("DELETE", ""),
    "recurring_journal_entry.paused": on_recurring("POST", "/pause"),
    "recurring_journal_entry.resumed": on_recurring("POST", "/pause", "/resume"),
    "schedule.created": lambda caller: (open_chart(caller), schedule(caller)),
    "schedule.updated": on_schedule("PATCH", "", {"description": "Changed"}),
    "schedule.posted": posted_schedule,
    "schedule.stopped": on_schedule("POST", "/stop", {"reason": "Over"}),
    "schedule.voided": on_schedule("POST", "/void", {"reason": "Mistake"}),
    "document.created": document,
    "document.deleted": lambda caller: caller.delete(f"/v1/documents/{document(caller)['id']}"),
}
