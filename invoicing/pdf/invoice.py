"""The content of an invoice's PDF, and how it is passed to the template."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bigledger.tenants.context import current_tenant
from bigledger.typesetting.layout import han, piece, size
from customers.bodies import AddressBody
from customers.selectors import customer_body
from invoicing.bodies import DocumentLineBody, InvoiceBody
from invoicing.models import Invoice
from invoicing.selectors.documents import hosted_url, invoice_body
from invoicing.selectors.formatting import format_amount, format_day, format_number

TEMPLATE = "invoicing/pdf/templates/invoice.typ"
_MOST_IN_FOOT = 70
_STAMPS = {"void": ("VOID", "harm"), "paid": ("PAID", "good"), "draft": ("DRAFT", "plain")}


def invoice_content(invoice: Invoice) -> dict[str, Any]:
    """The whole content of the document, as text. The same content always gives the same document."""
    body, tenant = invoice_body(invoice), current_tenant()
    customer = customer_body(invoice.customer)
    address = customer.billing_address
    return {
        "number": body.number,
        "seller": tenant.name,
        "stamp": _STAMPS.get(body.status),
        "buyer": customer.name,
        "address": [*_address(address), *([f"Tax ID {customer.tax_id}"] if customer.tax_id else [])],
        "country": address.country if address else "",
        "facts": [
            *([("Invoice number", body.number)] if body.number else []),
            ("Invoice date", format_day(body.invoice_date)),
            ("Due date", format_day(body.due_date)),
            ("Customer number", customer.number),
        ],
        "rows": [_row(line, body.currency) for line in body.lines],
        "sums": _sums(body),
        "currency": body.currency,
        "notes": body.notes,
        "link": hosted_url(invoice) if body.hosted_url else None,
    }


def invoice_layout(content: dict[str, Any]) -> dict[str, Any]:
    """The data of the template."""
    texts = [content["buyer"], content["seller"], content["notes"], *(row["description"] for row in content["rows"])]
    stamp = content["stamp"]
    rows = content["rows"]
    title = f"Invoice {content['number'] or '(draft)'}"
    return {
        "title": title,
        "author": content["seller"],
        "paper": "a4",
        "han": han([*texts, *content["address"]], content["country"]),
        "foot": [piece(_shortened(content["seller"])), piece(title)],
        "seller": piece(content["seller"]),
        "heading": "Invoice",
        "stamp": {"text": stamp[0], "tone": stamp[1]} if stamp else None,
        "buyer": {
            "label": "Bill to",
            "name": piece(content["buyer"]),
            "lines": [piece(line) for line in content["address"]],
        },
        "facts": [{"name": name, "value": piece(value)} for name, value in content["facts"]],
        "size": size([row["figures"] for row in rows]),
        "head": ["Description", "Quantity", "Unit price", "Tax", "Amount"],
        "rows": [row | {"description": piece(row["description"])} for row in rows],
        "sums": [total | {"name": piece(total["name"])} for total in content["sums"]],
        "currency": content["currency"],
        "notes": piece(content["notes"]) if content["notes"] else None,
        "link": content["link"],
    }


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_IN_FOOT else f"{name[: _MOST_IN_FOOT - 1].rstrip()}…"


def _address(address: AddressBody | None) -> list[str]:
    if address is None:
        return []
    city = " ".join(part for part in (address.city, address.state, address.postal_code) if part)
    return [line for line in (address.line1, address.line2, city, address.country) if line]


def _row(line: DocumentLineBody, currency: str) -> dict[str, Any]:
    """A line before its discount, so that the column adds up to the subtotal; the discount is said below it."""
    note = None
    if line.discount_percentage:
        note = f"{format_number(line.discount_percentage)} % discount: {format_amount(-line.discount_amount, currency)}"
    return {
        "description": line.description,
        "note": note,
        "figures": [
            format_number(line.quantity),
            format_amount(line.unit_price, currency),
            f"{format_number(line.tax_rate * 100)} %",
            format_amount(line.subtotal, currency),
        ],
    }


def _sums(body: InvoiceBody) -> list[dict[str, Any]]:
    def row(name: str, amount: Decimal, *, strong: bool = False, line: bool = False) -> dict[str, Any]:
        return {"name": name, "amount": format_amount(amount, body.currency), "strong": strong, "line": line}

    rows = [row("Subtotal", body.subtotal)]
    if body.discount_total:
        rows.append(row("Discount", -body.discount_total))
    rows += [row(tax.name, tax.amount) for tax in body.taxes]
    rows.append(row("Total", body.total, strong=True, line=True))
    reductions = [("Paid", body.amount_paid), ("Credited", body.amount_credited), ("Waived", body.amount_written_off)]
    rows += [row(name, -amount) for name, amount in reductions if amount]
    if any(amount for _, amount in reductions):
        rows.append(row("Amount due", body.amount_due, strong=True, line=True))
    return rows
