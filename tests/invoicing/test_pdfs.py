"""Documents: any script, the same bytes for ever, made once, in the worker, in turns, and never for too long."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger import texts
from bigledger.errors import ServiceUnavailable
from bigledger.tenants.context import tenant_context
from bigledger.typesetting.coverage import FONTS, shown
from bigledger.typesetting.layout import han, piece, size
from bigledger.typesetting.render import TIME_LIMIT_SECONDS, PdfFailed, render
from invoicing.models import DocumentVersion, Invoice
from invoicing.pdf import stored
from invoicing.pdf.document import TEMPLATE, document_layout
from invoicing.pdf.versions import wanted_version
from invoicing.tasks import make_pdfs
from tests.conftest import Caller, make_tenant
from tests.sales import Shop

SELLER = {
    "name": "Acme", "legal_name": "", "address": [], "country": "", "tax_id": "", "bank_account": "", "email": "",
    "footer": "", "logo": None,
}  # fmt: skip
BUYER = {"name": "Buyer", "number": "1", "address": [], "country": "", "tax_id": ""}


def content_of(**changes: Any) -> dict[str, Any]:
    row = {"description": "Work", "note": None, "figures": ["1", "10.00", "0 %", "10.00"]}
    total = {"name": "Total", "amount": "10.00", "strong": True, "line": True}
    return {
        "heading": "Invoice", "number": "INV-2024-001", "seller": SELLER, "buyer": BUYER, "buyer_label": "Bill to",
        "stamp": None,
        "facts": [["Due date", "1 May 2024"]], "head": ["Description", "Quantity", "Unit price", "Tax", "Amount"],
        "rows": [row], "sums": [total], "currency": "USD", "notes": "", "link": None, "wording": [],
    } | changes  # fmt: skip


def described(*descriptions: str) -> dict[str, Any]:
    figures = ["1", "10.00", "0 %", "10.00"]
    return content_of(rows=[{"description": text, "note": None, "figures": figures} for text in descriptions])


def test_the_vendored_fonts_are_the_ones_that_were_vendored() -> None:
    listed = dict(reversed(line.split("  ")) for line in (FONTS / "SHA256SUMS").read_text().splitlines())
    present = {path.name for path in FONTS.iterdir() if path.suffix in (".otf", ".ttf", ".ttc")}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 40 * 1024 * 1024
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()


@pytest.mark.parametrize(
    "text",
    ["Łódź", "Ελλάδα", "Кириллица", "שולחן", "مؤسسة", "हिन्दी", "ไทย", "東京", "北京", "臺北", "김치", "ქართული",
     "Հայ", "አማ", "ខ្មែរ", "ລາວ", "မြန်မာ", "བོད", "தமிழ்", "ᐃᓄᒃᑎᑐᑦ", "🚀👩‍💻", "€₹₿₺", "★≥√"],
)  # fmt: skip
def test_the_scripts_that_are_written_today_have_their_letters(text: str) -> None:
    assert shown(text) == text


def test_characters_without_a_font_are_named_within_limits() -> None:
    assert shown("a\U00013000\ue000b") == "a[U+13000][U+E000]b"
    assert len(shown("\U00013000" * 1000)) < 1100


def test_direction_comes_from_the_text_and_han_from_its_neighbours() -> None:
    assert [piece(text)["rtl"] for text in ("Acme", "שולחן 42", "42 مؤسسة", "(1)", "Acme שולחן")] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert [han(["東京オフィス"], ""), han(["김치 東"], ""), han(["東京"], "TW"), han(["x"], "US")] == [
        "JP", "KR", "TC", "SC",
    ]  # fmt: skip


def test_figures_are_set_smaller_before_they_are_broken() -> None:
    assert size([["1", "10.00", "0 %", "10.00"]]) > size([["999,999,999.999999", "9" * 24, "12.3456 %", "9" * 24]])


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(), max_size=200), min_size=1, max_size=12))
def test_nothing_that_is_taken_fails_to_be_set(given_texts: list[str]) -> None:
    """From all planes: what the input accepts becomes a tagged PDF."""
    taken = []
    for text in given_texts:
        try:
            taken.append(texts.clean(text, lines=texts.LINES_OF_A_DESCRIPTION))
        except texts.BadText:
            continue
    names = [text for text in taken if "\n" not in text] or ["Acme"]
    content = described(*taken) | {
        "seller": SELLER | {"name": names[0], "legal_name": names[-1], "footer": names[0], "address": names[:3]},
        "buyer": BUYER | {"name": names[-1], "address": names[-3:]},
        "notes": "\n".join(taken),
    }
    pdf = render(TEMPLATE, document_layout(content))
    assert pdf.startswith(b"%PDF-") and b"/MarkInfo" in pdf


def test_text_is_no_markup_and_the_same_content_is_the_same_bytes() -> None:
    content = described("#emph[x] $a$ *b* \\ `c` @ref <label>", '#read("/etc/passwd")')
    first = render(TEMPLATE, document_layout(content))
    assert first == render(TEMPLATE, document_layout(content))


def test_the_largest_document_that_is_taken_has_an_end() -> None:
    """500 lines of 20 lines each: it took 213 seconds before."""
    began = time.monotonic()
    pdf = render(TEMPLATE, document_layout(described(*["a\n" * 19 + "W" * 960] * 500)))
    assert time.monotonic() - began < TIME_LIMIT_SECONDS
    assert len(pdf) < 5_000_000


def test_a_document_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(PdfFailed, match="not done"):
        render(TEMPLATE, document_layout(described(*["W" * 900] * 500)), time_limit_seconds=0.05)
    assert time.monotonic() - began < 5


def test_a_draft_keeps_its_latest_document_only_and_says_that_it_is_one(shop: Shop) -> None:
    draft = shop.invoice()
    for notes in ("one", "two"):
        shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"notes": notes}))
        assert shop.caller.get(f"/v1/invoices/{draft['id']}/pdf").status == 200
    with tenant_context(shop.caller.tenant):
        (row,) = DocumentVersion.objects.all()
    assert (json.loads(row.content)["stamp"][0], json.loads(row.content)["notes"]) == ("DRAFT", "two")


def test_the_shown_figures_add_up(shop: Shop) -> None:
    invoice = shop.sent()
    shop.pay("100.00", invoice_id=invoice["id"])
    with tenant_context(shop.caller.tenant):
        version = wanted_version(Invoice.objects.get(number=invoice["number"]), is_current=True)
        content = json.loads(version.content)
    assert [row["figures"][-1] for row in content["rows"]] == ["1,500.00"]
    assert [(row["name"], row["amount"]) for row in content["sums"]] == [
        ("Subtotal", "1,500.00"), ("Discount", "\u2212150.00"), ("Tax 8 %", "108.00"), ("Total", "1,458.00"),
        ("Paid", "\u2212100.00"), ("Amount due", "1,358.00"),
    ]  # fmt: skip


def test_without_a_worker_it_is_503_and_nobody_waits_for_long(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "WAIT_SECONDS", 0.1)
    invoice = shop.sent()
    with tenant_context(shop.caller.tenant):
        wanted = stored.stored_pdf_or_row(Invoice.objects.get(number=invoice["number"]))
    assert isinstance(wanted, uuid.UUID)
    with pytest.raises(ServiceUnavailable):
        stored.wait_for_pdf(shop.caller.tenant.id, wanted)
    monkeypatch.setattr("invoicing.views.files.wait_for_pdf", stored.wait_for_pdf)
    monkeypatch.setattr("invoicing.views.public.wait_for_pdf", stored.wait_for_pdf)
    refused = shop.caller.get(f"/v1/invoices/{invoice['id']}/pdf")
    assert (refused.status, refused.error["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert refused.response["Retry-After"] == "5"
    page = Client().get("/i/" + invoice["hosted_url"].rsplit("/", 1)[1] + "/pdf")
    assert (page.status_code, page["Retry-After"], page["Content-Type"][:9]) == (503, "5", "text/html")


def test_only_so_many_wait_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = shop.sent()
    with tenant_context(shop.caller.tenant):
        wanted = stored.stored_pdf_or_row(Invoice.objects.get(number=invoice["number"]))
    assert isinstance(wanted, uuid.UUID)
    taken = 0
    while stored._waiting.acquire(blocking=False):
        taken += 1
    try:
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            stored.wait_for_pdf(shop.caller.tenant.id, wanted)
        assert time.monotonic() - began < 1
    finally:
        stored._waiting.release() if taken == 1 else [stored._waiting.release() for _ in range(taken)]
    assert taken >= 1


def _committed_invoice(name: str) -> tuple[Caller, Any]:
    shop = Shop(make_tenant(name))
    shop.customer(number="123456")
    return shop.caller, shop.sent()


def _want(caller: Caller, number: str) -> uuid.UUID:
    with tenant_context(caller.tenant):
        wanted = stored.stored_pdf_or_row(Invoice.objects.get(number=number))
    assert isinstance(wanted, uuid.UUID)
    return wanted


def test_one_that_fails_is_counted_moved_back_set_aside_and_holds_nobody_up(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, broken = _committed_invoice("Papers")
    other = Shop(caller).sent("5.00")
    pk, fine = _want(caller, broken["number"]), _want(caller, other["number"])

    def fails(template: str, data: dict[str, Any]) -> bytes:
        if data["title"].endswith(broken["number"]):
            raise MemoryError("nobody foresaw this")
        return b"%PDF- fine"

    monkeypatch.setattr(stored, "render", fails)
    for attempt in range(1, stored.MAX_ATTEMPTS + 1):
        with tenant_context(caller.tenant):
            DocumentVersion.objects.filter(pk=pk).update(next_attempt_at="2024-01-01T00:00:00Z")
        make_pdfs()
        with tenant_context(caller.tenant):
            assert DocumentVersion.objects.get(pk=pk).attempts == attempt
            assert DocumentVersion.objects.get(pk=fine).file is not None
    with tenant_context(caller.tenant):
        row = DocumentVersion.objects.get(pk=pk)
        assert (row.file, "nobody foresaw" in row.error) == (None, True)
        DocumentVersion.objects.filter(pk=pk).update(next_attempt_at="2024-01-01T00:00:00Z")
    assert make_pdfs() == 0, "it is set aside"
    assert _want(caller, broken["number"]) == pk
    monkeypatch.setattr(stored, "render", lambda *_: b"%PDF- at last")
    assert make_pdfs() == 1, "asked for again, it is tried again"
    assert stored.wait_for_pdf(caller.tenant.id, pk) == b"%PDF- at last"


def test_tenants_take_turns(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    many, first = _committed_invoice("Manypapers")
    wanted = [_want(many, first["number"])]
    wanted += [_want(many, Shop(many).sent("5.00")["number"]) for _ in range(4)]
    one, single = _committed_invoice("Onepaper")
    _want(one, single["number"])
    made: list[str] = []

    def note(template: str, data: dict[str, Any]) -> bytes:
        made.append(data["author"])
        return b"%PDF- fine"

    monkeypatch.setattr(stored, "render", note)
    assert make_pdfs() == 6
    assert "Onepaper" in made[:2], "one of each in turn, whatever waits behind"


def test_the_document_is_the_tenants_own(shop: Shop, globex: Caller) -> None:
    invoice = shop.sent()
    assert shop.caller.get(f"/v1/invoices/{invoice['id']}/pdf").status == 200
    assert globex.get(f"/v1/invoices/{invoice['id']}/pdf").status == 404
    with tenant_context(globex.tenant):
        assert DocumentVersion.objects.count() == 0


def test_no_template_takes_text_for_markup() -> None:
    for path in (*FONTS.parent.glob("*.typ"), *(FONTS.parents[2] / "invoicing/pdf/templates").glob("*.typ")):
        assert "eval(" not in path.read_text(), path
