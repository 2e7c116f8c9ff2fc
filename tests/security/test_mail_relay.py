"""Nobody writes to the world through us: recipients by plan and day, strangers per mail, invitations per address."""

from __future__ import annotations

import datetime
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import override_settings
from django.utils import timezone

from bigledger.access.limits.plans import recipients_per_day
from bigledger.identity.services import members
from bigledger.mail.limits import reserve
from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from tests.conftest import Answer, Caller, make_tenant
from tests.sales import Shop


def shop_on(plan: str) -> Shop:
    one = Shop(make_tenant(f"M{plan}{time.time_ns()}", plan=plan))
    one.customer(number="123456", name="Buyer", email="buyer@example.com", currency="USD")
    return one


@pytest.fixture
def free(db_access: None, cast: Any) -> Shop:
    return shop_on("free")


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are not what is counted here."""
    from bigledger.access.limits import plans

    monkeypatch.setattr(plans, "PLANS", dict.fromkeys(plans.PLANS, plans.PLANS["enterprise"]))


def queued(shop: Shop) -> int:
    with tenant_context(shop.caller.tenant):
        return sum(len(to) + len(cc) for to, cc in Mail.objects.values_list("to", "cc"))


def rule(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.error["details"][0].get("rule")


def sends(invoice: Any, count: int, **data: Any) -> dict[str, Any]:
    operation = {"operation": "send", "data": {"invoice_id": invoice["id"], **data}}
    return {"operations": [operation] * count}


def test_one_bulk_request_is_no_mailing_list(free: Shop) -> None:
    """M11: a thousand sends of one issued invoice."""
    invoice = free.sent("10.00")
    before = queued(free)
    refused = free.caller.post("/v1/invoices/bulk", sends(invoice, 1000, cc=["a@x.example", "b@x.example"]))

    assert rule(refused) == (422, "mail_limit_reached")
    assert "2" in refused.error["message"] and "T00:00:00Z" in refused.error["message"]
    assert queued(free) == before


def test_recipients_are_counted_not_mails(free: Shop) -> None:
    invoice = free.invoice("10.00")
    for _ in range(16):  # 6 each
        free.post(f"/v1/invoices/{invoice['id']}/send", cc=[f"{n}@x.example" for n in range(5)])
    refused = free.caller.post(f"/v1/invoices/{invoice['id']}/send", {"cc": [f"{n}@x.example" for n in range(4)]})

    assert rule(refused) == (422, "mail_limit_reached")
    assert queued(free) == 96
    free.post(f"/v1/invoices/{invoice['id']}/send", cc=["1@x.example", "2@x.example", "3@x.example"])
    assert rule(free.caller.post(f"/v1/invoices/{invoice['id']}/send")) == (422, "mail_limit_reached")
    assert queued(free) == 100


def test_a_draft_that_may_not_be_mailed_is_not_issued(free: Shop) -> None:
    draft = free.invoice("10.00")
    with override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 0}):
        assert rule(free.caller.post(f"/v1/invoices/{draft['id']}/send")) == (422, "mail_limit_reached")

    assert (free.again(draft)["status"], free.balance(), queued(free)) == ("draft", Decimal(0), 0)
    assert "invoice.sent" not in free.events()


def test_in_a_bulk_that_goes_on_the_rest_is_sent(free: Shop) -> None:
    invoice = free.sent("10.00")
    with override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 3}):
        answer = free.caller.post("/v1/invoices/bulk", sends(invoice, 4) | {"options": {"continue_on_error": True}})

    assert (answer.status, answer.body["summary"]) == (200, {"total": 4, "succeeded": 2, "failed": 2})
    assert queued(free) == 3


def test_invitations_count_as_well_and_notices_do_not_stop(free: Shop) -> None:
    with override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 1}):
        assert free.caller.post("/v1/invitations", {"email": "a@x.example", "role": "viewer"}).status == 201
        refused = free.caller.post("/v1/invitations", {"email": "b@x.example", "role": "viewer"})
    assert rule(refused) == (422, "mail_limit_reached")
    assert free.read("/v1/invitations")["meta"]["total"] == 1


def test_the_next_day_is_a_new_one(free: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 1}), tenant_context(free.caller.tenant):
        tomorrow = timezone.now() + datetime.timedelta(days=1)
        with monkeypatch.context() as later:
            reserve(1)
            later.setattr("bigledger.mail.limits.timezone.now", lambda: tomorrow)
            reserve(1)


def test_plans_have_the_numbers_of_the_table() -> None:
    found = {plan: recipients_per_day(Tenant(plan=plan)) for plan in ("free", "starter", "professional", "enterprise")}
    assert found == {"free": 100, "starter": 1_000, "professional": 10_000, "enterprise": None}


@pytest.mark.parametrize(("plan", "status"), [("free", 422), ("professional", 422), ("enterprise", 200)])
def test_strangers_in_one_mail(db_access: None, cast: Any, plan: str, status: int) -> None:
    shop = shop_on(plan)
    contacts = [{"name": str(n), "email": f"contact{n}@x.example"} for n in range(8)]
    shop.done(shop.caller.patch("/v1/customers/cust_123456", {"contacts": contacts}))
    invoice = shop.invoice("10.00")
    known = ["BUYER@example.com", *(contact["email"] for contact in contacts)]
    shop.post(f"/v1/invoices/{invoice['id']}/send", to=known, cc=[f"{n}@other.example" for n in range(5)])
    before = queued(shop)
    answer = shop.caller.post(
        f"/v1/invoices/{invoice['id']}/send",
        {"to": [f"{n}@other.example" for n in range(3)], "cc": [f"{n}@more.example" for n in range(3)]},
    )

    assert answer.status == status
    if status == 422:
        assert rule(answer) == (422, "too_many_recipients")
        assert queued(shop) == before


def test_one_address_is_invited_a_few_times_a_day(acme: Caller) -> None:
    answers = [acme.post("/v1/invitations", {"email": "Victim@x.example", "role": "viewer"}) for _ in range(6)]

    assert [answer.status for answer in answers] == [201] * 5 + [422]
    assert rule(answers[-1]) == (422, "too_many_invitations")
    assert acme.get("/v1/invitations").body["meta"]["total"] == 1, "the refused one took nothing away"


def test_a_tenant_has_a_bounded_number_of_open_invitations(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_OPEN_INVITATIONS", 2)
    answers = [acme.post("/v1/invitations", {"email": f"{n}@x.example", "role": "viewer"}) for n in range(3)]

    assert [answer.status for answer in answers] == [201, 201, 422]
    assert rule(answers[-1]) == (422, "too_many_invitations")


# -- under concurrency -------------------------------------------------------------------------------------


@override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 10})
def test_the_cap_holds_for_many_at_once_and_nobody_waits(committed: None, cast: Any) -> None:
    """Sixteen transactions that stay open; ten get a place, the rest is refused while all are at work."""
    tenant = shop_on("free").caller.tenant
    outcomes: list[str] = []
    asked, may_end = threading.Barrier(17), threading.Event()

    def ask() -> None:
        try:
            with tenant_context(tenant):
                try:
                    reserve(1)
                    outcomes.append("granted")
                except Exception as fault:  # noqa: BLE001 - its name is what the test looks at
                    outcomes.append(type(fault).__name__)
                asked.wait(60)
                may_end.wait(60)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    asked.wait(60)
    may_end.set()
    for thread in threads:
        thread.join(60)

    assert sorted(outcomes) == ["BusinessRuleViolation"] * 6 + ["granted"] * 10


@override_settings(MAIL_RECIPIENTS_PER_DAY={"free": 3})
def test_a_rollback_returns_its_recipients(committed: None, cast: Any) -> None:
    tenant = shop_on("free").caller.tenant
    for _ in range(5):
        with tenant_context(tenant):
            reserve(3)
            transaction.set_rollback(True)
    with tenant_context(tenant):
        reserve(2)
    with tenant_context(tenant):
        reserve(1)
    with tenant_context(tenant), pytest.raises(Exception, match="at most 3 recipients a day; 3 are used"):
        reserve(1)
