"""Jobs over many tenants: one that fails, hangs or has much to do keeps no other waiting."""

from __future__ import annotations

import datetime
import importlib
import inspect
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from bigledger import clock
from bigledger.access.principal import Principal
from bigledger.celery import app
from bigledger.tenants import jobs
from bigledger.tenants.context import current_tenant, tenant_context
from bigledger.tenants.jobs import StepTookTooLong, at_most, for_each_tenant
from invoicing import tasks
from invoicing.models import Invoice, RecurringInvoice
from invoicing.services import overdue
from invoicing.services.recurring import issuing
from tests.conftest import Caller, make_tenant
from tests.sales import Shop, at

__all__ = ["at"]
pytestmark = pytest.mark.usefixtures("committed")
LINE = {"description": "Rent", "quantity": 1, "unit_price": Decimal("100.00")}


@pytest.fixture
def three() -> list[Caller]:
    made = [make_tenant(f"Round{uuid.uuid4().hex[:8]}") for _ in range(3)]
    return sorted(made, key=lambda one: one.tenant.id)


def ids(callers: list[Caller]) -> list[uuid.UUID]:
    return [one.tenant.id for one in callers]


def test_a_tenant_that_fails_is_left_and_the_others_are_served(three: list[Caller]) -> None:
    first, second, third = ids(three)
    served = []

    def step() -> int:
        served.append(current_tenant().id)
        if current_tenant().id == second:
            raise ZeroDivisionError("nobody foresaw this")
        return 0

    assert for_each_tenant(ids(three), step, job="test") == 0
    assert served == [first, second, third]


def test_a_tenant_with_much_to_do_takes_turns(three: list[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0.0001)  # over after one step
    first, second, third = ids(three)
    left = {first: 3, second: 1, third: 0}
    served = []

    def step() -> int:
        tenant = current_tenant().id
        served.append(tenant)
        left[tenant] -= 1
        return int(left[tenant] >= 0)

    assert for_each_tenant(ids(three), step, job="test") == 4
    assert served == [first, second, third, first, second, first, first]


def test_a_job_ends_in_time_however_much_is_left(three: list[Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(jobs, "JOB_SECONDS", 0.2)
    assert for_each_tenant(ids(three), lambda: 1, job="test") > 3


def test_a_step_that_does_not_end_is_ended_and_the_next_tenant_is_served(
    three: list[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Python, and inside a statement."""
    monkeypatch.setattr(jobs, "STEP_SECONDS", 0.3)
    first, second, third = ids(three)
    served = []

    def step() -> int:
        if current_tenant().id == first:
            while True:
                pass
        if current_tenant().id == second:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")
        served.append(current_tenant().id)
        return 0

    for_each_tenant(ids(three), step, job="test")
    assert served == [third]


def test_at_most_leaves_no_alarm_behind() -> None:
    with pytest.raises(StepTookTooLong), at_most(0.05):
        while True:
            pass
    with at_most(60):
        pass


def test_every_job_of_the_clock_goes_through_the_rounds() -> None:
    """A new job that walks tenants by itself is found here. Deliveries and mails have turns of their own; sessions of
    browsers are people's, who may have several tenants or none."""
    app.loader.import_default_modules()
    names = {job.task for job in clock.jobs().values()} - {"webhooks.deliver", "mail.deliver", "access.prune_sessions"}
    assert len(names) >= 7
    for name in names:
        source = inspect.getsource(inspect.unwrap(app.tasks[name].run))
        module = importlib.import_module(app.tasks[name].__module__)
        assert "for_each_" in source or "in_turns(" in source, name
        assert "Tenant.objects" not in inspect.getsource(module), name


@pytest.fixture
def landlord(at: Callable[[str], None]) -> Shop:
    at("2024-01-31T12:00:00+00:00")
    shop = Shop(make_tenant(f"Landlord{uuid.uuid4().hex[:8]}"))
    shop.customer(number="123456")
    return shop


def template(shop: Shop) -> str:
    made = shop.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])
    return str(made["id"])


def break_the_first(shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> str:
    """Two templates; the one that is issued first fails every time."""
    template(shop), template(shop)
    with tenant_context(shop.caller.tenant):
        broken = RecurringInvoice.objects.order_by("next_date", "id")[0]
    issue = issuing._issue

    def issue_or_fail(row: RecurringInvoice, date: datetime.date, *, acting: Principal) -> None:
        if row.id == broken.id:
            raise fault
        issue(row, date, acting=acting)

    monkeypatch.setattr(issuing, "_issue", issue_or_fail)
    return broken.public_id


def test_a_template_that_fails_is_counted_moved_back_and_set_aside(
    landlord: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = break_the_first(landlord, monkeypatch, ZeroDivisionError("nobody foresaw this"))
    tasks.issue_recurring_invoices()
    assert len(landlord.read("/v1/invoices")["data"]) == 1, "the one behind it was issued"
    with tenant_context(landlord.caller.tenant):
        counted = RecurringInvoice.objects.get(failures=1)
    assert (counted.public_id, counted.retry_at is not None) == (broken, True)
    tasks.issue_recurring_invoices()
    with tenant_context(landlord.caller.tenant):
        assert RecurringInvoice.objects.get(pk=counted.pk).failures == 1, "not before its time"

    for hour in range(13, 23):
        at(f"2024-01-31T{hour}:00:00+00:00")
        tasks.issue_recurring_invoices()
        tasks.issue_recurring_invoices()
    at("2024-02-01T23:00:00+00:00")
    tasks.issue_recurring_invoices()
    shown = landlord.read(f"/v1/recurring-invoices/{broken}")
    assert shown["status"] == "paused"
    assert shown["pause_reason"].startswith("It could not be made in 6 attempts")
    assert landlord.events()[-1] == "recurring_invoice.paused"
    assert len(landlord.read("/v1/invoices")["data"]) == 1

    monkeypatch.undo()
    landlord.post(f"/v1/recurring-invoices/{broken}/resume")
    with tenant_context(landlord.caller.tenant):
        assert RecurringInvoice.objects.get(pk=counted.pk).failures == 0


def test_an_attempt_that_ends_the_process_is_counted_too(landlord: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kill, or a time limit, would end it: nothing after the claim is carried out."""
    broken = break_the_first(landlord, monkeypatch, SystemExit(1))
    with pytest.raises(SystemExit):
        tasks.issue_recurring_invoices()
    tasks.issue_recurring_invoices()
    assert len(landlord.read("/v1/invoices")["data"]) == 1
    with tenant_context(landlord.caller.tenant):
        assert RecurringInvoice.objects.get(failures=1).public_id == broken


def test_an_invoice_whose_event_fails_does_not_delay_others(
    landlord: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, well = landlord.sent("10.00"), landlord.sent("20.00")
    at("2024-06-01T12:00:00+00:00")
    monkeypatch.setattr(overdue, "BATCH", 1)  # so that the broken one is a whole batch
    bodies = overdue.invoice_bodies

    def bodies_or_fail(invoices: list[Invoice]) -> object:
        if broken["id"] in [invoice.public_id for invoice in invoices]:
            raise ZeroDivisionError("nobody foresaw this")
        return bodies(invoices)

    monkeypatch.setattr(overdue, "invoice_bodies", bodies_or_fail)
    tasks.raise_overdue_invoices()
    assert landlord.again(well)["status"] == "overdue"
    assert landlord.again(broken)["status"] == "sent"
    assert landlord.events().count("invoice.overdue") == 1
