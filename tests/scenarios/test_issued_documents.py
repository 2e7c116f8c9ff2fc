"""What was sent stays what it was: an issued invoice or credit note is frozen, in the database and as PDF.

Consulting: 10 hours at 150.00 less 10 % are 1,350.00, 8 % tax on it is 108.00, the invoice is over 1,458.00.
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from PIL import Image

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from invoicing.models import DocumentVersion
from invoicing.pdf.document import document_layout
from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

SELLER = {
    "legal_name": "Acme Trading LLC",
    "address": {
        "line1": "1 Harbor Road", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US",
    },
    "tax_id": "98-7654321",
    "bank_account": "First Bank\nRouting 011000015\nAccount 000123456789",
    "email": "billing@acme.example",
    "footer": "Registered in Massachusetts. Thank you for your business.",
}  # fmt: skip


def picture(size: tuple[int, int] = (300, 100), form: str = "PNG") -> str:
    kept = io.BytesIO()
    Image.new("RGB", size, (15, 118, 110)).save(kept, form)
    return base64.b64encode(kept.getvalue()).decode()


def pdf(shop: Shop, path: str) -> bytes:
    answer = shop.caller.get(path)
    assert answer.status == 200, answer.text
    content = answer.response.content
    assert content.startswith(b"%PDF-")
    return bytes(content)


def said(shop: Shop, thing: Any) -> dict[str, Any]:
    """What the issued version says."""
    with tenant_context(shop.caller.tenant):
        rows = fetch_all(
            "SELECT content FROM invoicing_documentversion WHERE tenant_id = app_tenant() AND is_issued ORDER BY id"
        )
    found: dict[str, Any] = next(c for c in (json.loads(row[0]) for row in rows) if c["number"] == thing["number"])
    return found


def everything_changes(shop: Shop) -> None:
    buyer = {"name": "Other Name Inc.", "tax_id": "00-0000000", "billing_address": {"line1": "X", "country": "GB"}}
    shop.done(shop.caller.patch("/v1/customers/cust_123456", buyer))
    seller = {"name": "Renamed", "legal_name": "Renamed Ltd", "tax_id": "", "bank_account": "Elsewhere", "footer": ""}
    moved = {"line1": "Y", "country": "DE"}
    shop.done(shop.caller.patch("/v1/tenant", {**seller, "address": moved, "logo": picture((50, 50))}))


def test_an_invoice_stays_as_it_was_sent(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/tenant", {**SELLER, "logo": picture()}))
    invoice = shop.sent(invoice_date="2024-01-15", due_date="2024-02-15")
    path = f"/v1/invoices/{invoice['id']}/pdf"
    first, content = pdf(shop, path), said(shop, invoice)

    everything_changes(shop)
    shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"due_date": "2024-03-01", "notes": "Later"}))
    shop.pay("1458.00", invoice_id=invoice["id"])

    assert pdf(shop, path) == first
    assert said(shop, invoice) == content
    assert content["seller"]["address"] == ["1 Harbor Road", "Boston MA 02110", "United States"]
    assert (content["seller"]["legal_name"], content["seller"]["tax_id"]) == ("Acme Trading LLC", "98-7654321")
    assert (content["buyer"]["name"], content["buyer"]["number"]) == ("Acme Corporation", "123456")
    assert dict(content["facts"])["Due date"] == "15 February 2024"
    assert dict(content["facts"])["Payment terms"] == "Net 30 days"
    page = Client().get("/i/" + invoice["hosted_url"].rsplit("/", 1)[1]).content.decode()
    assert "Acme Trading LLC" in page and "Acme Corporation" in page
    assert "Renamed" not in page and "Other Name" not in page


def test_what_was_issued_before_anybody_asked_for_its_pdf_is_what_was_issued(shop: Shop) -> None:
    invoice = shop.sent()
    everything_changes(shop)
    pdf(shop, f"/v1/invoices/{invoice['id']}/pdf")

    assert said(shop, invoice)["buyer"]["name"] == "Acme Corporation"
    assert said(shop, invoice)["seller"]["name"] == "Acme"


def test_what_became_of_it_is_another_document(shop: Shop) -> None:
    """1,458.00, of which 1,457.50 were paid and 0.50 waived as a small difference: nothing is due."""
    invoice = shop.sent()
    path = f"/v1/invoices/{invoice['id']}/pdf"
    first = pdf(shop, path)
    shop.pay("1457.50", invoice_id=invoice["id"])
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="small_difference", reason="Bank fee")
    current = pdf(shop, f"{path}/current")

    assert (pdf(shop, path), current != first) == (first, True)
    assert pdf(shop, f"{path}/current") == current
    with tenant_context(shop.caller.tenant):
        row = DocumentVersion.objects.get(is_issued=False)
    content = json.loads(row.content)
    assert content["stamp"] == ["PAID", "good"]
    assert [(each["name"], each["amount"]) for each in content["sums"]][-4:] == [
        ("Total", "1,458.00"), ("Paid", "\u22121,457.50"), ("Waived", "\u22120.50"), ("Amount due", "0.00"),
    ]  # fmt: skip


def test_a_void_invoice_says_so_in_its_current_document_only(shop: Shop) -> None:
    invoice = shop.sent()
    path = f"/v1/invoices/{invoice['id']}/pdf"
    first = pdf(shop, path)
    shop.post(f"/v1/invoices/{invoice['id']}/void", reason="Made out twice")

    assert pdf(shop, path) == first
    pdf(shop, f"{path}/current")
    with tenant_context(shop.caller.tenant):
        assert json.loads(DocumentVersion.objects.get(is_issued=False).content)["stamp"] == ["VOID", "harm"]


def test_a_credit_note_has_a_pdf_that_stays_and_is_mailed(shop: Shop) -> None:
    invoice = shop.sent()
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"], reason="Returned")
    path = f"/v1/credit-notes/{note['id']}"
    first = pdf(shop, f"{path}/pdf")
    everything_changes(shop)
    sent = shop.post(f"{path}/send", to=["dana@acme.example"], message="As agreed")

    assert pdf(shop, f"{path}/pdf") == first
    assert (sent["sent_to"], sent["delivery"]["status"]) == (["dana@acme.example"], "queued")
    content = said(shop, note)
    assert dict(content["facts"])["Credits invoice"] == invoice["number"]
    assert [(each["name"], each["amount"]) for each in content["sums"]] == [
        ("Subtotal", "1,500.00"), ("Discount", "\u2212150.00"), ("Tax 8 %", "108.00"), ("Total credit", "1,458.00"),
    ]  # fmt: skip
    assert shop.events().count("credit_note.sent") == 1


def test_a_receipt_shows_what_was_paid(shop: Shop) -> None:
    """2,000.00 by bank transfer pay the invoice of 1,458.00; 542.00 are left."""
    invoice = shop.sent(invoice_date="2024-01-15")
    payment = shop.pay("2000.00", invoice_id=invoice["id"], date="2024-02-01", reference="Wire 7")
    pdf(shop, f"/v1/payments/{payment['id']}/receipt")

    assert payment["number"] == "PAY-2024-001"
    assert shop.read("/v1/payments/pay_PAY-2024-001")["id"] == payment["id"]
    with tenant_context(shop.caller.tenant):
        content = json.loads(DocumentVersion.objects.get(kind="receipt").content)
    assert content["rows"][0]["figures"] == ["15 January 2024", "1,458.00", "1,458.00"]
    assert [(each["name"], each["amount"]) for each in content["sums"]] == [
        ("Not yet applied", "542.00"), ("Amount received", "2,000.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoicing_documentversion SET content = '{}'",
        "UPDATE invoicing_documentversion SET file = 'x'",
        "UPDATE invoicing_documentversion SET is_issued = false",
        "DELETE FROM invoicing_documentversion",
        "UPDATE tenants_logo SET width = 1",
        "DELETE FROM tenants_logo",
    ],
)
def test_the_database_refuses_to_change_it(shop: Shop, statement: str) -> None:
    shop.done(shop.caller.patch("/v1/tenant", {"logo": picture()}))
    pdf(shop, f"/v1/invoices/{shop.sent()['id']}/pdf")

    refused = pytest.raises(IntegrityError, match="refused")
    with tenant_context(shop.caller.tenant), refused, transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("seller", "buyer", "paper"),
    [("US", None, "us-letter"), ("DE", "US", "a4"), (None, "CA", "us-letter"), (None, None, "a4"), ("GB", None, "a4")],
)
def test_the_paper_is_that_of_the_country(shop: Shop, seller: str | None, buyer: str | None, paper: str) -> None:
    if seller:
        shop.done(shop.caller.patch("/v1/tenant", {"address": {"line1": "Street", "country": seller}}))
    if buyer:
        address = {"line1": "Street", "country": buyer}
        shop.done(shop.caller.patch("/v1/customers/cust_123456", {"billing_address": address}))

    assert document_layout(said(shop, shop.sent()))["paper"] == paper


def test_the_profile_is_read_as_it_was_given(shop: Shop) -> None:
    changed = shop.done(shop.caller.patch("/v1/tenant", {**SELLER, "logo": f"data:image/png;base64,{picture()}"}))

    assert changed["address"] == {**SELLER["address"], "line2": ""}  # type: ignore[dict-item]
    assert {name: changed[name] for name in SELLER if name != "address"} == {
        name: value for name, value in SELLER.items() if name != "address"
    }
    assert (changed["logo"]["media_type"], changed["logo"]["width"], changed["logo"]["height"]) == (
        "image/png",
        300,
        100,
    )
    assert shop.read("/v1/tenant") == changed
    image = shop.caller.get("/v1/tenant/logo").response
    assert (image["Content-Type"], image.content[:4]) == ("image/png", b"\x89PNG")
    gone = shop.done(shop.caller.patch("/v1/tenant", {"logo": None, "address": None}))
    assert (gone["logo"], gone["address"], shop.caller.get("/v1/tenant/logo").status) == (None, None, 404)


def test_a_large_logo_is_made_smaller_and_loses_its_metadata(shop: Shop) -> None:
    kept = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret of the camera"
    Image.new("RGB", (1800, 1200)).save(kept, "JPEG", exif=exif)
    changed = shop.done(shop.caller.patch("/v1/tenant", {"logo": base64.b64encode(kept.getvalue()).decode()}))

    assert (changed["logo"]["width"], changed["logo"]["height"]) == (360, 240)
    assert b"a secret of the camera" not in shop.caller.get("/v1/tenant/logo").response.content


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"logo": "not base64!"}, "logo"),
        ({"logo": base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()}, "logo"),
        ({"logo": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 100).decode()}, "logo"),
        ({"logo": picture((100, 100), "GIF")}, "logo"),
        ({"logo": picture((2001, 1))}, "logo"),
        ({"logo": ""}, "logo"),
        ({"logo": 5}, "logo"),
        ({"email": "nobody"}, "email"),
        ({"address": {"line1": "Street", "country": "USA"}}, "address.country"),
        ({"address": {"country": "US"}}, "address.line1"),
        ({"footer": "x" * 501}, "footer"),
        ({"tax_id": "a\nb"}, "tax_id"),
    ],
    ids=str,
)
def test_a_fault_in_the_profile_is_named_and_nothing_changes(shop: Shop, change: dict[str, Any], field: str) -> None:
    before = contents(shop.caller)

    refused = shop.caller.patch("/v1/tenant", {"legal_name": "Changed"} | change)

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(shop.caller) == before


def test_another_tenant_sees_none_of_it(shop: Shop, globex: Caller) -> None:
    shop.done(shop.caller.patch("/v1/tenant", {"logo": picture()}))
    note = shop.post("/v1/credit-notes", invoice_id=shop.sent()["id"])
    payment = shop.pay("1.00")

    for path in (f"/v1/credit-notes/{note['id']}/pdf", f"/v1/payments/{payment['id']}/receipt", "/v1/tenant/logo"):
        assert globex.get(path).status == 404
