"""The entries of documents: undone by undoing their document, never by themselves."""

from __future__ import annotations

from decimal import Decimal

from tests.sales import Shop

D = Decimal
ONE = {"description": "Work", "quantity": 1, "unit_price": D("10.00")}


def test_the_entry_of_a_document_is_undone_by_the_document_only(shop: Shop) -> None:
    """Reversed by itself it would leave an invoice open, or a payment applied, that the books no longer know."""
    invoice, paid = shop.sent("100.00"), shop.sent("30.00")
    payment = shop.pay("30.00", invoice_id=paid["id"])
    shop.post(f"/v1/payments/{payment['id']}/refund", reason="Returned")
    note = shop.post("/v1/credit-notes", customer_id="cust_123456", lines=[ONE])
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Gone")
    entries = shop.read("/v1/journal-entries?limit=100")["data"]
    before = (shop.books(), shop.balance(), shop.again(invoice), shop.again(paid))

    sources = sorted(entry["source"] for entry in entries if not entry["source"].startswith("ref_"))
    assert sources == sorted([invoice["id"], invoice["id"], paid["id"], payment["id"], note["id"]])
    assert len(entries) == 6  # the refund's has the one that is left
    for entry in entries:
        refused = shop.caller.post(f"/v1/journal-entries/{entry['id']}/reverse", {"reason": "By itself"})
        assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_of_document")
    assert (shop.books(), shop.balance(), shop.again(invoice), shop.again(paid)) == before
    assert shop.read("/v1/journal-entries")["meta"]["total"] == len(entries)


def test_a_voided_invoices_mirror_is_the_invoices_too(shop: Shop) -> None:
    invoice = shop.sent("100.00")
    shop.post(f"/v1/invoices/{invoice['id']}/void", reason="Twice")
    mirrored, original = shop.read("/v1/journal-entries?sort=created_at:desc")["data"]

    assert (mirrored["reversal_of"], mirrored["source"], original["source"]) == (
        original["id"], invoice["id"], invoice["id"],
    )  # fmt: skip
    refused = shop.caller.post(f"/v1/journal-entries/{mirrored['id']}/reverse", {"reason": "Undo the undoing"})
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "entry_of_document")
