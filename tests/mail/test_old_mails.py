"""Old mails are deleted, and what documents show of them stays."""

from __future__ import annotations

import datetime

import pytest
from django.conf import settings
from django.utils import timezone

from bigledger.mail import tasks
from bigledger.mail.models import Mail, MailState
from bigledger.mail.retention import delete_old_mails
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.sales import Shop

KEEP = datetime.timedelta(days=90)


def end_all(caller: Caller, *, days: int, state: str = MailState.SENT) -> None:
    """Every mail of the tenant was queued so many days ago, and has ended."""
    then = timezone.now() - datetime.timedelta(days=days)
    with tenant_context(caller.tenant):
        sent_at = then if state == MailState.SENT else None
        Mail.objects.update(created_at=then, state=state, sent_at=sent_at, encrypted_secret=None)


def delete_old(caller: Caller, most: int = 100) -> int:
    with tenant_context(caller.tenant):
        return delete_old_mails(KEEP, most)


def test_the_latest_mail_of_a_document_stays(shop: Shop) -> None:
    invoice = shop.sent()
    for address in ("second@example.com", "third@example.com"):
        shop.send(invoice, to=[address])
    end_all(shop.caller, days=91)

    assert delete_old(shop.caller) == 2

    found = shop.again(invoice)
    assert (found["sent_to"], found["delivery"]["status"]) == (["third@example.com"], "sent")
    assert delete_old(shop.caller) == 0


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED, MailState.CANCELLED])
def test_a_mail_that_nothing_shows_goes(acme: Caller, state: str) -> None:
    acme.post("/v1/invitations", {"email": "new@example.com", "role": "clerk"})
    end_all(acme, days=89, state=state)
    assert delete_old(acme) == 0, "not old yet"
    end_all(acme, days=91, state=state)
    assert delete_old(acme) == 1


def test_a_mail_that_waits_stays(acme: Caller) -> None:
    acme.post("/v1/invitations", {"email": "new@example.com", "role": "clerk"})
    with tenant_context(acme.tenant):
        Mail.objects.update(created_at=timezone.now() - datetime.timedelta(days=400))
    assert delete_old(acme) == 0


def test_they_are_deleted_in_batches_and_of_one_tenant(acme: Caller, globex: Caller) -> None:
    for caller in (acme, globex):
        for number in range(3):
            caller.post("/v1/invitations", {"email": f"new{number}@example.com", "role": "clerk"})
        end_all(caller, days=91)
    assert [delete_old(acme, most=2) for _ in range(3)] == [2, 1, 0]
    with tenant_context(globex.tenant):
        assert Mail.objects.count() == 3


def test_the_job_keeps_as_long_as_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[datetime.timedelta] = []
    monkeypatch.setattr(tasks, "delete_old_mails", lambda keep, most: kept.append(keep) or 0)
    monkeypatch.setattr(tasks, "for_each_tenant", lambda tenants, step, job: step())
    tasks.prune()
    assert kept == [datetime.timedelta(days=settings.MAIL_KEEP_DAYS)] == [KEEP]
