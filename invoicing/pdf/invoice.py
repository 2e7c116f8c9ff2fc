"""An invoice as a PDF on A4: one table of lines that goes on over as many pages as it needs."""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from bigledger.tenants.context import current_tenant
from customers.bodies import AddressBody
from customers.selectors import customer_body
from invoicing.bodies import InvoiceBody
from invoicing.models import Invoice
from invoicing.pdf.fonts import BOLD, REGULAR, register_fonts
from invoicing.selectors.documents import hosted_url, invoice_body
from invoicing.selectors.formatting import format_day, format_money, format_number

INK, MUTED, ACCENT, RULE, TINT = (HexColor(value) for value in ("#1f2933", "#65758b", "#1d4ed8", "#d5dce5", "#f3f6fa"))
_MARGIN, _WIDTH = 20 * mm, A4[0] - 40 * mm
_COLUMNS = [_WIDTH * share for share in (0.40, 0.11, 0.17, 0.14, 0.18)]
_STAMPS = {"void": ("VOID", HexColor("#b42318")), "paid": ("PAID", HexColor("#067647"))}


def invoice_pdf(invoice: Invoice) -> bytes:
    """The document as it stands now; the same invoice in the same state gives the same bytes."""
    register_fonts()
    body, tenant = invoice_body(invoice), current_tenant()
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=22 * mm,
        bottomMargin=24 * mm,
        title=f"Invoice {body.number}",
        author=tenant.name,
        invariant=1,
    )

    def frame(canvas: Canvas, document: Any) -> None:
        _frame(canvas, document.page, f"{tenant.name}  ·  Invoice {body.number}")

    template.build([*_head(invoice, body), _lines(body), *_foot(invoice, body)], onFirstPage=frame, onLaterPages=frame)
    return buffer.getvalue()


def _style(size: float = 9, *, bold: bool = False, color: Color = INK, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}{bold}{color.hexval()}{right}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.45,
        textColor=color,
        **({"alignment": TA_RIGHT} if right else {}),
        splitLongWords=1,
    )


def _text(value: str, size: float = 9, **options: Any) -> Paragraph:
    return Paragraph(escape(value).replace("\n", "<br/>"), _style(size, **options))


def _frame(canvas: Canvas, page: int, text: str) -> None:
    canvas.saveState()
    canvas.setFillColor(ACCENT)
    canvas.rect(0, A4[1] - 5 * mm, A4[0], 5 * mm, stroke=0, fill=1)
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(MUTED)
    canvas.drawString(_MARGIN, 12 * mm, text[:90])
    canvas.drawRightString(A4[0] - _MARGIN, 12 * mm, f"Page {page}")
    canvas.restoreState()


def _head(invoice: Invoice, body: InvoiceBody) -> list[Flowable]:
    customer = customer_body(invoice.customer)
    address = [*_address(customer.billing_address), *([f"Tax ID {customer.tax_id}"] if customer.tax_id else [])]
    facts = [
        ("Invoice number", body.number),
        ("Invoice date", format_day(body.invoice_date)),
        ("Due date", format_day(body.due_date)),
        ("Customer number", customer.number),
    ]
    stamp, color = _STAMPS.get(body.status, ("", INK))
    title = Table(
        [[_text(current_tenant().name, 13, bold=True), _text("Invoice", 22, bold=True, color=ACCENT, right=True)]],
        colWidths=[_WIDTH * 0.6, _WIDTH * 0.4],
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *_NO_PADDING]),
    )
    parties = Table(
        [
            [
                [
                    _text("Bill to", 8, color=MUTED),
                    _text(customer.name, 10.5, bold=True),
                    *[_text(line) for line in address],
                ],
                Table(
                    [[_text(name, 8.5, color=MUTED), _text(value, right=True)] for name, value in facts],
                    colWidths=[_WIDTH * 0.2, _WIDTH * 0.25],
                    style=TableStyle([("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]),
                ),
            ]
        ],
        colWidths=[_WIDTH * 0.55, _WIDTH * 0.45],
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_NO_PADDING]),
    )
    head: list[Flowable] = [title, Spacer(0, 8 * mm), parties, Spacer(0, 8 * mm)]
    if stamp:
        head[1:1] = [_text(stamp, 14, bold=True, color=color, right=True)]
    return head


_NO_PADDING = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
]


def _address(address: AddressBody | None) -> list[str]:
    if address is None:
        return []
    city = " ".join(part for part in (address.city, address.state, address.postal_code) if part)
    return [line for line in (address.line1, address.line2, city, address.country) if line]


def _lines(body: InvoiceBody) -> Table:
    """A row per line; the header repeats on every page."""
    names = ("Description", "Quantity", "Unit price", "Tax", "Amount")
    rows: list[list[Flowable]] = [[_text(name, 8, bold=True, color=MUTED, right=n > 0) for n, name in enumerate(names)]]
    for line in body.lines:
        description = line.description
        if line.discount_percentage:
            description += f"\nless {format_number(line.discount_percentage)} % discount"
        rows.append(
            [
                _text(description),
                _text(format_number(line.quantity), right=True),
                _text(format_money(line.unit_price, body.currency), right=True),
                _text(f"{format_number(line.tax_rate * 100)} %", right=True),
                _text(format_money(line.subtotal - line.discount_amount, body.currency), right=True),
            ]
        )
    return Table(
        rows,
        colWidths=_COLUMNS,
        repeatRows=1,
        splitInRow=1,
        style=TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), TINT),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ]
        ),
    )


def _foot(invoice: Invoice, body: InvoiceBody) -> list[Flowable]:
    def amount(name: str, value: Any, size: float = 9, *, bold: bool = False) -> list[Flowable]:
        return [_text(name, size, bold=bold), _text(format_money(value, body.currency), size, bold=bold, right=True)]

    rows = [amount("Subtotal", body.subtotal)]
    if body.discount_total:
        rows.append(amount("Discount", -body.discount_total))
    rows += [amount(tax.name, tax.amount) for tax in body.taxes]
    rows.append(amount("Total", body.total, 10.5, bold=True))
    total_row = len(rows) - 1
    for name, value in (("Paid", body.amount_paid), ("Credited", body.amount_credited)):
        if value:
            rows.append(amount(name, -value))
    if len(rows) - 1 > total_row:
        rows.append(amount("Amount due", body.amount_due, 10.5, bold=True))
    totals = Table(
        rows,
        colWidths=[_WIDTH * 0.24, _WIDTH * 0.22],
        hAlign="RIGHT",
        style=TableStyle([("LINEABOVE", (0, total_row), (-1, total_row), 1, INK), ("PADDING", (0, 0), (-1, -1), 3)]),
    )
    foot: list[Flowable] = [Spacer(0, 5 * mm), KeepTogether(totals), Spacer(0, 8 * mm)]
    if body.notes:
        foot += [_text(body.notes), Spacer(0, 4 * mm)]
    if body.hosted_url:
        link = escape(hosted_url(invoice))
        foot.append(
            Paragraph(f'View and pay online: <link href="{link}" color="#1d4ed8">{link}</link>', _style(8, color=MUTED))
        )
    return foot
