"""What people see when a page is refused, missing or broken: a page, in the back office with its menu."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bigledger.access.models import User
from ledger.admin.accounts import AccountAdmin
from tests.backoffice.test_admin import staff
from tests.conftest import Caller

BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MENU = 'href="/admin/ledger/account/"'


def page(client: Client, path: str, method: str = "get") -> tuple[int, str]:
    client.raise_request_exception = False
    answer = getattr(client, method)(path, **BROWSER)
    assert answer["Content-Type"] == "text/html; charset=utf-8", path
    return answer.status_code, answer.content.decode()


def as_viewer(caller: Caller) -> Client:
    client = Client()
    user = User.objects.get(pk=caller.principal.user_id)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", ["nothing/", "reports/nothing/", "do/invoices/nothing/", "ledger/nothing/"])
def test_what_is_not_there_is_said_within_the_menu(acme: Caller, path: str) -> None:
    status, text = page(staff(acme), f"/admin/{path}")

    assert status == 404
    assert "Page not found" in text
    assert MENU in text


@pytest.mark.parametrize("path", ["ledger/account/add/", "do/customers/create/"])
def test_what_the_role_may_not_do_is_said_within_the_menu(acme_viewer: Caller, path: str) -> None:
    status, text = page(as_viewer(acme_viewer), f"/admin/{path}")

    assert status == 403
    assert "your role does not give you access to this page" in text
    assert MENU in text


def test_a_failure_is_a_page_by_itself_and_tells_nothing(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret of acme")

    monkeypatch.setattr(AccountAdmin, "get_queryset", fail)

    status, text = page(staff(acme), reverse("admin:ledger_account_changelist"))

    assert status == 500
    assert "Something went wrong" in text
    assert "secret" not in text
    assert MENU not in text


def test_a_refused_page_is_the_envelope_for_programs(acme: Caller) -> None:
    answer = staff(acme).get("/admin/nothing/", HTTP_ACCEPT="application/json")

    assert answer.json()["error"]["code"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize("path", ["/nowhere", "/i/none", "/c/none", "/invitations/none", "/dashboard/nothing"])
def test_other_pages_for_people_are_pages(acme: Caller, path: str) -> None:
    status, text = page(Client(), path)

    assert status == 404
    assert "<h1>" in text


def test_a_form_of_another_site_is_refused_with_a_page(acme: Caller) -> None:
    status, text = page(Client(enforce_csrf_checks=True), "/sign-in", "post")

    assert status == 403
    assert "This page is out of date" in text
