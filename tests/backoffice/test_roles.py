"""What each role is shown in the back office, and what it is refused: a table of every page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from bigledger.access.models import Membership, Role, User
from bigledger.backoffice.operations import operations
from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import row_of
from tests.backoffice.test_every_page import filled  # noqa: F401 - a fixture
from tests.conftest import Caller
from tests.security.people import member

# The letters are roles: owner, accountant, clerk, viewer (who is staff, else nothing opens).
# Page: whose menu has it, who may be offered forms, buttons and operations there. By its address all may read it.
ALL = "oacv"
PAGES = {
    "tenants_tenant": ("o", "o"),
    "access_user": ("o", ""),
    "access_membership": ("o", "o"),
    "access_invitation": ("o", "o"),
    "access_apikey": ("o", "o"),
    "access_signingsecret": ("o", "o"),
    "access_kiosklink": ("o", "o"),
    "access_application": ("o", "o"),
    "webhooks_webhookendpoint": ("o", "o"),
    "webhooks_webhookdelivery": ("o", "o"),
    "events_event": (ALL, ""),
    "mail_mail": (ALL, ""),
    "ledger_account": (ALL, "oa"),
    "ledger_document": (ALL, "oac"),
    "ledger_journalentry": (ALL, "oa"),
    "ledger_period": (ALL, "oa"),
    "ledger_lockexception": ("o", "o"),
    "ledger_exchangerate": (ALL, "oa"),
    "ledger_fxrevaluation": (ALL, "oa"),
    "ledger_recurringentry": (ALL, "oa"),
    "ledger_schedule": (ALL, "oa"),
    "customers_customer": (ALL, "oac"),
    "invoicing_taxrate": (ALL, "oac"),
    "invoicing_product": (ALL, "oac"),
    "invoicing_salessettings": (ALL, "oa"),
    "invoicing_depositaccount": (ALL, "oa"),
    "invoicing_writeoff": (ALL, "oac"),
    "invoicing_invoice": (ALL, "oac"),
    "invoicing_creditnote": (ALL, "oac"),
    "invoicing_payment": (ALL, "oac"),
    "invoicing_recurringinvoice": (ALL, "oac"),
}
ROLES = {"o": Role.OWNER, "a": Role.ACCOUNTANT, "c": Role.CLERK, "v": Role.VIEWER}


def name_of(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def browser_of(caller: Caller, role: str) -> Client:
    """A member with this role; everybody is staff, as a viewer has to be."""
    user = member(caller, f"the.{role}@acme.example", role).user
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def offered_to(client: Client, caller: Caller, model: Any) -> bool:
    """Whether the list or a row's page offers a form or an operation. What is not offered is refused."""
    name, row = name_of(model), row_of(caller, model)
    add = reverse(f"admin:{name}_add")
    pages = [
        client.get(reverse(f"admin:{name}_changelist")),
        client.get(reverse(f"admin:{name}_change", args=(row.pk,))),
    ]
    assert [page.status_code for page in pages] == [200, 200], name
    text = "".join(page.content.decode() for page in pages)
    adds = f'href="{add}' in text
    assert adds or client.get(add).status_code == 403, name
    return adds or "/admin/do/" in text or 'name="_save"' in text


@pytest.mark.parametrize("letter", ROLES)
def test_every_page_for_every_role(filled: Caller, letter: str) -> None:  # noqa: F811
    client = browser_of(filled, ROLES[letter])
    menu = set(re.findall(r'href="/admin/(\w+/\w+)/"', client.get("/admin/").content.decode()))

    listed = {one.replace("/", "_") for one in menu if not one.startswith("reports/")}
    assert listed == {name for name, (who, _) in PAGES.items() if letter in who}
    assert {name_of(model) for model in admin.site._registry} == PAGES.keys()
    wrong = [
        name_of(model) for model in admin.site._registry
        if offered_to(client, filled, model) and letter not in PAGES[name_of(model)][1]
    ]  # fmt: skip
    assert wrong == []


def test_what_is_not_offered_is_refused(filled: Caller) -> None:  # noqa: F811
    """A viewer's address bar opens no operation, and posts none."""
    client = browser_of(filled, Role.VIEWER)
    for one in operations().values():
        address = one.address() if one.makes else one.address(row_of(filled, one.model).pk)
        assert (client.get(address).status_code, client.post(address).status_code) == (403, 403), address


@pytest.mark.parametrize("kind", ["superuser of no company", "owner of another"])
def test_whoever_does_not_belong_sees_nothing(filled: Caller, globex: Caller, kind: str) -> None:  # noqa: F811
    if kind == "owner of another":
        user = member(globex, "boss@globex.example", Role.OWNER).user
    else:
        user = User.objects.create_superuser("root@example.com", "sturdy kettle 42")
    client = Client()
    client.force_login(user)
    with tenant_context(filled.tenant):
        people = list(Membership.objects.values_list("user__email", flat=True))
    for model in admin.site._registry:
        listed = client.get(reverse(f"admin:{name_of(model)}_changelist"))
        shown = client.get(reverse(f"admin:{name_of(model)}_change", args=(row_of(filled, model).pk,)))
        assert listed.status_code == (200 if kind == "owner of another" else 403), name_of(model)
        assert shown.status_code in (302, 403, 404), name_of(model)
        assert not [email for email in people if email in listed.content.decode()], name_of(model)
    assert "Acme" not in client.get("/admin/").content.decode()


def test_the_start_page_gives_each_role_its_own_work(filled: Caller) -> None:  # noqa: F811
    """A clerk sends the draft, but closes no month; a viewer has nothing to do."""
    tasks = {}
    for letter, role in ROLES.items():
        page = browser_of(filled, role).get("/admin/").content.decode()
        listed = re.search(r'<ul class="start-tasks">(.*?)</ul>', page, re.S)
        tasks[letter] = re.findall(r"<a [^>]*>([^<]+)</a>", listed[1]) if listed else []

    assert tasks["v"] == []
    assert set(tasks["c"]) < set(tasks["a"]) <= set(tasks["o"])
