"""The admin as staff use it: one tenant at a time, everything written by the services, nothing of others."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bigledger import ids
from bigledger.access.models import ApiKey, Membership, Role, User
from bigledger.access.secrets import digest
from bigledger.access.services import add_member, get_or_create_user
from bigledger.events.models import Event
from bigledger.tenants.context import tenant_context
from ledger.models import LockException
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, number_events
from tests.ledger.raises import exchange_rate, recurring, revaluation, schedule
from tests.sales import one_of_each

ACCOUNT = {
    "code": "7000", "name": "Parking", "type": "expense", "subtype": "operating_expense", "currency": "USD",
    "description": "", "parent": "", "is_active": "on", "opening_balance": "", "opening_date": "",
}  # fmt: skip
DIALOG = {"_form_submitted": "True"}


def staff(caller: Caller) -> Client:
    """A browser in which the caller's user has signed in."""
    user = User.objects.get(pk=caller.principal.user_id)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def uuid_of(public_id: str) -> Any:
    prefix = public_id.partition("_")[0]
    return ids.decode(prefix, public_id)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def faults(response: HttpResponse) -> str:
    """What the page says is wrong."""
    return " ".join(re.findall(r'class="(?:errorlist|errornote)[^"]*"[^>]*>(.*?)</(?:ul|div)>', text(response), re.S))


@pytest.fixture
def books(acme: Caller, globex: Caller) -> Caller:
    for caller, name in ((acme, "Rent of acme"), (globex, "Secret of globex")):
        open_chart(caller)
        caller.post("/v1/journal-entries", rent(reference=f"{name} 1", description=name))
        caller.post("/v1/journal-entries", rent(reference=f"{name} 2", description=name, status="draft"))
        caller.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", name.encode()), "reference": name})
        hook = {"url": f"https://{caller.tenant.name.lower()}.example/", "events": ["account.created"]}
        endpoint = caller.post("/v1/webhooks", hook).body["id"]
        caller.post(f"/v1/webhooks/{endpoint}/test")
        caller.post("/v1/invitations", {"email": "new@example.com", "role": "viewer"})
        caller.post("/v1/oauth-applications", {"name": name, "redirect_uris": ["https://example.com/"]})
        caller.post("/v1/kiosk-links", {"name": name})
        for made in (exchange_rate, revaluation, recurring, schedule):
            assert made(caller)["id"]
        with tenant_context(caller.tenant):  # through the API a period would have to be closed
            now = caller.tenant.now()
            LockException.objects.create(
                month="2019-01-01", reason=name, created_by_id=caller.principal.user_id, created_at=now,
                expires_at=now + datetime.timedelta(hours=1),
            )  # fmt: skip
        number_events(caller)
        one_of_each(caller)
    return acme


@pytest.fixture
def browser(books: Caller) -> Client:
    return staff(books)


def row_of(caller: Caller, model: Any) -> Any:
    """One of the caller's rows; of users, who are nobody's rows, a member."""
    with tenant_context(caller.tenant):
        rows = model.objects.filter(memberships__isnull=False) if model is User else model.objects.all()
        return rows.order_by("pk").first()


def entry_of(caller: Caller, number: str) -> Any:
    return uuid_of(caller.get(f"/v1/journal-entries?number={number}").body["data"][0]["id"])


def test_a_page_says_whose_books_these_are(browser: Client) -> None:
    page = text(browser.get(reverse("admin:index")))

    assert "Acme" in page
    assert "Globex" not in page
    assert "Sandbox" in page


def test_a_visitor_who_is_not_staff_is_sent_to_sign_in(acme_viewer: Caller) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=acme_viewer.principal.user_id))

    page = client.get(reverse("admin:ledger_account_changelist"))

    assert (page.status_code, page.url.partition("?")[0]) == (302, reverse("admin:login"))


def test_staff_without_a_tenant_see_nothing(books: Caller) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody@example.com", is_staff=True, is_superuser=True))

    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(reverse("admin:ledger_account_changelist")).status_code == 403
    assert client.post(reverse("admin:ledger_account_add"), ACCOUNT).status_code == 403


def test_a_member_of_two_tenants_chooses_one(books: Caller, globex: Caller, browser: Client) -> None:
    user = User.objects.get(pk=books.principal.user_id)
    with tenant_context(globex.tenant):
        add_member(user=user, role=Role.VIEWER)
    entries = reverse("admin:ledger_journalentry_changelist")
    assert "Rent of acme" in text(browser.get(entries))

    chosen = browser.post(reverse("choose_tenant"), {"tenant": str(globex.tenant.id)})

    assert (chosen.status_code, chosen.url) == (302, reverse("admin:index"))
    assert "Secret of globex" in text(browser.get(entries))
    assert "Rent of acme" not in text(browser.get(entries))
    # A viewer there, whatever the role elsewhere.
    assert browser.post(reverse("admin:ledger_account_add"), ACCOUNT).status_code == 403
    # With the membership the choice ends.
    with tenant_context(globex.tenant):
        Membership.objects.filter(user=user).delete()
    assert "Rent of acme" in text(browser.get(entries))


def test_a_tenant_of_others_cannot_be_chosen(browser: Client, globex: Caller) -> None:
    for tenant in (str(globex.tenant.id), "", "nonsense"):
        assert browser.post(reverse("choose_tenant"), {"tenant": tenant}).status_code == 404
    assert browser.get(reverse("choose_tenant")).status_code == 405
    assert "Globex" not in text(browser.get(reverse("admin:index")))


def test_choosing_needs_the_forms_token(books: Caller, browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    assert strict.post(reverse("choose_tenant"), {"tenant": str(books.tenant.id)}).status_code == 403


def test_an_account_is_opened_by_the_service(books: Caller, browser: Client) -> None:
    added = browser.post(reverse("admin:ledger_account_add"), ACCOUNT | {"opening_balance": "12.30"})

    assert added.status_code == 302, faults(added)
    account = books.get("/v1/accounts/acc_7000").body
    assert (account["name"], account["balance"]) == ("Parking", Decimal("12.30"))
    number_events(books)
    with tenant_context(books.tenant):
        event = Event.objects.get(type="account.created", object_id=uuid_of(account["id"]))
    assert event.actor == books.principal.user_public_id
    assert event.request_id == added["X-Request-ID"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"code": "1000"}, "An account with code 1000 already exists."),
        ({"subtype": "equity"}, "Must be one of cost_of_goods_sold"),
        ({"opening_balance": "1.005"}, "USD has 2 digits after the point."),
        ({"currency": "XXX"}, "Select a valid choice"),  # ISO 4217's code for "no currency"
        ({"opening_balance": "NaN"}, "Enter a number"),
        ({"name": "a\0b"}, "Null characters are not allowed"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_refusal_is_the_forms_error(books: Caller, browser: Client, values: dict[str, str], said: str) -> None:
    before = books.get("/v1/accounts").body

    refused = browser.post(reverse("admin:ledger_account_add"), ACCOUNT | values)

    assert refused.status_code == 200
    assert said in text(refused)
    assert books.get("/v1/accounts").body == before


def test_an_account_is_changed_and_deactivated(books: Caller, browser: Client) -> None:
    rent = books.get("/v1/accounts/acc_6100").body
    page = reverse("admin:ledger_account_change", args=(uuid_of(rent["id"]),))
    form = {
        "code": "6100",
        "type": "expense",
        "subtype": "operating_expense",
        "currency": "USD",
        "description": "",
        "parent": "",
    }

    changed = browser.post(page, form | {"name": "Rent of the till", "is_reconcilable": "on"})

    assert changed.status_code == 302, faults(changed)
    after = books.get("/v1/accounts/acc_6100").body
    assert (after["name"], after["is_active"], after["is_reconcilable"]) == ("Rent of the till", False, True)
    assert after["balance"] == rent["balance"]


def test_a_change_of_a_frozen_field_is_refused_in_the_form(books: Caller, browser: Client) -> None:
    cash = books.get("/v1/accounts/acc_1000").body
    page = reverse("admin:ledger_account_change", args=(uuid_of(cash["id"]),))

    refused = browser.post(page, ACCOUNT | {"code": "1000", "name": "Cash"})

    assert refused.status_code == 200
    assert "cannot change: it is used by journal lines" in text(refused)
    assert books.get("/v1/accounts/acc_1000").body == cash


def test_only_an_unused_account_is_deleted(books: Caller, browser: Client) -> None:
    used, unused = (books.get(f"/v1/accounts/acc_{code}").body for code in ("1000", "4000"))
    pages = [reverse("admin:ledger_account_delete", args=(uuid_of(account["id"]),)) for account in (used, unused)]

    answers = [browser.post(page, {"post": "yes"}, follow=True) for page in pages]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "is used by journal lines; deactivate it instead" in text(answers[0])
    assert books.get("/v1/accounts/acc_1000").body == used
    assert books.get("/v1/accounts/acc_4000").status == 404


def test_a_posted_entry_is_read_only(books: Caller, browser: Client) -> None:
    entry = entry_of(books, "Rent of acme 1")
    page = reverse("admin:ledger_journalentry_change", args=(entry,))

    shown = text(browser.get(page))

    assert "6100 Rent Expense" in shown
    assert "5,000.00" in shown
    assert 'name="_save"' not in shown
    assert browser.post(page, {"description": "x"}).status_code == 403
    assert browser.post(reverse("admin:ledger_journalentry_delete", args=(entry,)), {"post": "yes"}).status_code == 403
    assert browser.get(reverse("admin:ledger_journalentry_add")).status_code == 403


def test_an_entry_is_reversed_once(books: Caller, browser: Client) -> None:
    entry = entry_of(books, "Rent of acme 1")
    dialog = reverse("admin:ledger_journalentry_reverse", args=(entry,))
    assert "Reverse this entry?" in text(browser.get(dialog))
    assert "This field is required" in text(browser.post(dialog, DIALOG))

    done = browser.post(dialog, DIALOG | {"reason": "Entered twice", "date": "2024-02-01"})

    original = books.get(f"/v1/journal-entries/{ids.encode('je', entry)}").body
    mirrored = books.get(f"/v1/journal-entries/{original['reversed_by']}").body
    assert done["HX-Redirect"].endswith(f"/{uuid_of(mirrored['id'])}/change/")
    assert (mirrored["date"], mirrored["reversal_reason"]) == ("2024-02-01", "Entered twice")
    assert books.get("/v1/accounts/acc_6100").body["balance"] == 0
    assert browser.post(dialog, DIALOG | {"reason": "again"}).status_code == 403


def test_the_services_refusal_is_shown_in_the_dialog(books: Caller, browser: Client) -> None:
    entry = entry_of(books, "Rent of acme 1")
    books.patch("/v1/accounts/acc_6100", {"is_active": False})

    refused = browser.post(reverse("admin:ledger_journalentry_reverse", args=(entry,)), DIALOG | {"reason": "r"})

    assert "Account 6100 is inactive and cannot be posted to." in text(refused)
    assert books.get(f"/v1/journal-entries/{ids.encode('je', entry)}").body["reversed_by"] is None


def test_a_draft_is_posted(books: Caller, browser: Client) -> None:
    entry = entry_of(books, "Rent of acme 2")
    assert "5,000.00" in text(browser.get(reverse("admin:ledger_journalentry_change", args=(entry,))))

    done = browser.post(reverse("admin:ledger_journalentry_post_draft", args=(entry,)), DIALOG)

    assert "HX-Redirect" in done
    assert books.get(f"/v1/journal-entries/{ids.encode('je', entry)}").body["status"] == "posted"
    assert books.get("/v1/accounts/acc_6100").body["balance"] == 10000


@pytest.mark.parametrize("given", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_action_on_a_missing_row_is_refused(browser: Client, given: str) -> None:
    for action in ("reverse", "post_draft"):
        page = browser.post(f"/admin/ledger/journalentry/{given}/{action}/", DIALOG | {"reason": "r"})
        assert page.status_code in (403, 404)


def test_a_viewer_reads_and_changes_nothing(books: Caller, acme_viewer: Caller) -> None:
    client = staff(acme_viewer)
    posted, draft = (entry_of(books, f"Rent of acme {n}") for n in (1, 2))
    cash = uuid_of(books.get("/v1/accounts/acc_1000").body["id"])
    before = books.get("/v1/reports/trial_balance").body["rows"]

    assert client.get(reverse("admin:ledger_account_change", args=(cash,))).status_code == 200
    for page in (
        reverse("admin:ledger_account_add"),
        reverse("admin:ledger_account_change", args=(cash,)),
        reverse("admin:ledger_account_delete", args=(cash,)),
        reverse("admin:ledger_journalentry_reverse", args=(posted,)),
        reverse("admin:ledger_journalentry_post_draft", args=(draft,)),
        reverse("admin:ledger_document_add"),
    ):
        assert client.post(page, ACCOUNT | DIALOG | {"post": "yes", "reason": "r"}).status_code == 403, page
    assert books.get("/v1/reports/trial_balance").body["rows"] == before


def test_a_document_is_uploaded_and_downloaded(books: Caller, browser: Client) -> None:
    file = SimpleUploadedFile("scan.pdf", b"%PDF-1.4")

    added = browser.post(reverse("admin:ledger_document_add"), {"file": file, "reference": "scan-1"})

    assert added.status_code == 302, faults(added)
    document = books.get("/v1/documents/doc_scan-1").body
    content = browser.get(reverse("admin:ledger_document_download", args=(uuid_of(document["id"]),)))
    assert content.content == b"%PDF-1.4"
    assert content["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    refused = browser.post(reverse("admin:ledger_document_add"), {"file": SimpleUploadedFile("x", b"MZ\0\xff")})
    assert "Must be a PDF" in text(refused)


def test_a_revoked_key_opens_nothing(books: Caller, browser: Client) -> None:
    with tenant_context(books.tenant):
        key = ApiKey.objects.get(digest=digest(books.api_key)).pk

    done = browser.post(reverse("admin:access_apikey_revoke", args=(key,)), DIALOG)

    assert "HX-Redirect" in done
    assert books.get("/v1/accounts").status == 401


def test_no_page_shows_a_secret(books: Caller, browser: Client) -> None:
    for page in ("access_apikey", "access_signingsecret"):
        shown = text(browser.get(reverse(f"admin:{page}_changelist")))
        assert books.api_key not in shown
        assert books.signing_secret not in shown


def test_a_list_takes_a_constant_number_of_queries(books: Caller, browser: Client) -> None:
    page = reverse("admin:ledger_account_changelist")
    browser.get(page)
    with CaptureQueriesContext(connection) as few:
        browser.get(page)
    for code in range(7001, 7011):
        books.post("/v1/accounts", {"code": str(code), "name": "n", "type": "asset", "subtype": "other_asset"})
    with CaptureQueriesContext(connection) as many:
        browser.get(page)

    assert len(many) == len(few) < 25


def test_a_page_that_fails_leaves_nothing(books: Caller, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> HttpResponse:
        raise RuntimeError("after the work")

    monkeypatch.setattr("ledger.admin.accounts.AccountAdmin.response_add", fail)
    browser.raise_request_exception = False

    assert browser.post(reverse("admin:ledger_account_add"), ACCOUNT).status_code == 500
    assert books.get("/v1/accounts/acc_7000").status == 404


def test_the_people_of_the_tenant_are_shown_and_no_others(books: Caller, browser: Client) -> None:
    shown = text(browser.get(reverse("admin:access_user_changelist")))

    assert "owner@acme.example" in shown
    assert "viewer@acme.example" in shown
    assert "globex" not in shown
    assert get_or_create_user(email="owner@globex.example").email not in shown
