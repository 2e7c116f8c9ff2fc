"""What a credit note takes back: lines of an invoice with their own amounts, and free lines.

A part of a line takes the part of each of its amounts, counted from the first credit on: after 3 of 7 pieces, three
sevenths of the tax, rounded, are back, however many credit notes it took. So the last piece takes what is left to the
cent, and an invoice whose lines are all credited comes to zero, whatever was rounded how. A discount that was given for
early payment goes back with the lines (`taken_discounts`).
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from bigledger import money
from bigledger.api.lookup import by_reference, condition
from bigledger.errors import BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from invoicing.models import CreditNoteLine, Invoice, InvoiceLine, InvoiceTax
from invoicing.rounding import PRECISION
from invoicing.rules import CREDIT_EXCEEDS_LINE
from invoicing.selectors.catalogue import plain
from invoicing.services.pricing import Priced, amounts_of, price
from invoicing.services.stored_taxes import taxes_of_line
from invoicing.services.taken_discounts import taken_back
from invoicing.taxing import Tax, TaxTotal
from invoicing.totals import ZERO, LineTotals, Totals

_COPIED = (
    "product_id", "description", "unit_price", "discount_percentage", "tax_rate", "tax_rate_named_id", "tax_kind",
    "revenue_account_id", "is_charge",
)  # fmt: skip
_AMOUNTS = ("subtotal", "discount_amount", "document_discount", "tax_amount")
_DISCOUNT = "A credit note that takes back lines of an invoice has their discounts and no other."
_INCLUDES = "The prices of the credit note are those of the invoice, {words} tax."
_FREE = "Give either invoice_line_id, with or without quantity, or a line of its own."


def invoice_of_lines(lines: Sequence[Mapping[str, Any]]) -> str | None:
    """The id of the invoice that the lines name lines of, None if they name none. Raises ResourceNotFound and
    ValidationFailed."""
    rows = _named_lines(lines)
    found = {row.invoice_id for row in rows.values()}
    if len(found) > 1:
        raise ValidationFailed.at("lines", "A credit note takes back lines of one invoice.", "incompatible")
    return Invoice.public_id_of(found.pop()) if found else None


def credited(
    invoice: Invoice | None, lines: Sequence[Mapping[str, Any]], currency: str, conditions: Mapping[str, Any]
) -> Priced:
    """The lines of a credit note, priced; without `lines`, the whole invoice. The customer is locked.

    Raises ValidationFailed, ResourceNotFound and BusinessRuleViolation (`credit_exceeds_line`).
    """
    conditions = _conditions_for(invoice, lines, conditions)
    if invoice and not lines:
        lines = [{"invoice_line_id": row.public_id} for row in InvoiceLine.objects.filter(invoice=invoice)]
        return _combined(lines, None, _Credits(invoice, lines, is_whole=True), currency)
    free = [n for n, line in enumerate(lines) if not line.get("invoice_line_id")]
    _check_free([lines[n] for n in free], free)
    _check_named(lines)
    if len(free) == len(lines) or invoice is None:
        return price(lines, currency, conditions)
    priced = price([lines[n] for n in free], currency, conditions, free) if free else None
    return _combined(lines, priced, _Credits(invoice, lines), currency)


def _conditions_for(
    invoice: Invoice | None, lines: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What is said of prices: for an invoice, what that says of its own. Raises ValidationFailed."""
    if invoice is None:
        return given
    names_lines = not lines or any(line.get("invoice_line_id") for line in lines)
    for name in ("discount_percentage", "discount_amount"):
        if names_lines and given.get(name):
            raise ValidationFailed.at(name, _DISCOUNT, "incompatible")
    if given.get("price_includes_tax", invoice.price_includes_tax) != invoice.price_includes_tax:
        message = _INCLUDES.format(words="with" if invoice.price_includes_tax else "without")
        raise ValidationFailed.at("price_includes_tax", message, "incompatible")
    return {**given, "price_includes_tax": invoice.price_includes_tax}


def _check_free(lines: Sequence[Mapping[str, Any]], positions: Sequence[int]) -> None:
    faults = [
        Detail("This field is required.", field=f"lines[{n}].quantity", code="required")
        for n, line in zip(positions, lines, strict=True)
        if "quantity" not in line
    ]
    if faults:
        raise ValidationFailed(details=faults)


def _check_named(lines: Sequence[Mapping[str, Any]]) -> None:
    faults = [
        Detail(_FREE, field=f"lines[{n}].{sorted(extra)[0]}", code="incompatible")
        for n, line in enumerate(lines)
        if line.get("invoice_line_id") and (extra := line.keys() - {"invoice_line_id", "quantity"})
    ]
    if faults:
        raise ValidationFailed(details=faults)


def _named_lines(lines: Sequence[Mapping[str, Any]], invoice: Invoice | None = None) -> dict[str, InvoiceLine]:
    named = [(n, line["invoice_line_id"]) for n, line in enumerate(lines) if line.get("invoice_line_id")]
    rows = InvoiceLine.objects.filter(condition(InvoiceLine, [reference for _, reference in named])) if named else ()
    found: dict[str, InvoiceLine] = by_reference(row for row in rows if invoice is None or row.invoice_id == invoice.id)
    missing = [
        Detail(f"There is no {name}.", field=f"lines[{n}].invoice_line_id", code="not_found")
        for n, name in named
        if name not in found
    ]
    if missing:
        raise ResourceNotFound("A resource that the request names does not exist", missing)
    return found


@dataclass(slots=True)
class _Credited:
    """What credit notes took back of a line: of its quantity, of its amounts, of the taxes it is taxed with."""

    quantity: Decimal
    amounts: list[Decimal]
    taxes: list[list[Decimal]]  # of each tax the taxable amount and the amount


class _Credits:
    """The lines of an invoice that a credit note names, with what was taken back of each already."""

    def __init__(self, invoice: Invoice, lines: Sequence[Mapping[str, Any]], *, is_whole: bool = False) -> None:
        self.invoice = invoice
        self.rows = _named_lines(lines, invoice)
        self._taxes = list(InvoiceTax.objects.filter(invoice=invoice).order_by("position"))
        self._notes: dict[uuid.UUID, list[CreditNoteLine]] = defaultdict(list)
        self._done: dict[uuid.UUID, _Credited] = {}
        if not is_whole:  # the whole is all of it or, when anything is credited already, too much
            past = CreditNoteLine.objects.filter(invoice_line__in=list(self.rows.values()), credit_note__voided_on=None)
            for row in past:
                if row.invoice_line_id:
                    self._notes[row.invoice_line_id].append(row)

    def take(self, reference: str, quantity: Decimal | None, path: str) -> tuple[dict[str, Any], LineTotals]:
        """The columns and the amounts of a credit over `quantity` of a line, or over what is left of it.

        Raises BusinessRuleViolation (`credit_exceeds_line`)."""
        line = self.rows[reference]
        taxes = taxes_of_line(line, self._taxes, self.invoice.currency)
        if line.id not in self._done:
            self._done[line.id] = self._past(line, taxes)
        done = self._done[line.id]
        left = line.quantity - done.quantity
        wanted = left if quantity is None else quantity.copy_sign(line.quantity)
        if not left or abs(wanted) > abs(left):
            raise BusinessRuleViolation.of(
                CREDIT_EXCEEDS_LINE, path, left=plain(abs(left)), line=line.position, number=self.invoice.words
            )
        amounts, components = self._part(line, taxes, done, done.quantity + wanted)
        done.quantity += wanted
        subtotal, discount, share, tax = amounts
        total = subtotal - discount - share + (ZERO if self.invoice.price_includes_tax else tax)
        totals = LineTotals(subtotal, discount, tax, total, share, tuple(components))
        columns = {name: getattr(line, name) for name in _COPIED} | {
            "invoice_line_id": line.id, "quantity": wanted, **amounts_of(totals),
        }  # fmt: skip
        return columns, totals

    def _past(self, line: InvoiceLine, taxes: Sequence[TaxTotal]) -> _Credited:
        notes = self._notes[line.id]
        back = [[(Decimal(tax["taxable_amount"]), Decimal(tax["amount"])) for tax in row.taxes or ()] for row in notes]
        return _Credited(
            sum((row.quantity for row in notes), ZERO),
            [sum((getattr(row, name) for row in notes), ZERO) for name in _AMOUNTS],
            [
                [sum((row[n][place] for row in back if n < len(row)), ZERO) for place in (0, 1)]
                for n in range(len(taxes))
            ],
        )

    def _part(
        self, line: InvoiceLine, taxes: Sequence[TaxTotal], done: _Credited, until: Decimal
    ) -> tuple[list[Decimal], list[TaxTotal]]:
        """What it takes from what is `done` to the part of the line that `until` is."""
        components = []
        for n, each in enumerate(taxes):
            taxable = self._step(each.taxable_amount, done.taxes[n][0], until, line)
            amount = self._step(each.amount, done.taxes[n][1], until, line)
            components.append(TaxTotal(each.tax, taxable, amount))
            done.taxes[n] = [done.taxes[n][0] + taxable, done.taxes[n][1] + amount]
        steps = [self._step(getattr(line, name), done.amounts[n], until, line) for n, name in enumerate(_AMOUNTS[:-1])]
        steps.append(sum((each.amount for each in components), money.to_currency(ZERO, self.invoice.currency)))
        done.amounts = [before + step for before, step in zip(done.amounts, steps, strict=True)]
        return steps, components

    def _step(self, whole: Decimal, before: Decimal, until: Decimal, line: InvoiceLine) -> Decimal:
        with localcontext(prec=PRECISION):
            wanted = money.to_currency(whole * until / line.quantity, self.invoice.currency)
        step = wanted - before
        # After credit notes were voided more may be back than the part; then it takes nothing, until that is made up.
        return step if step * whole >= 0 else money.to_currency(ZERO, self.invoice.currency)


def _combined(lines: Sequence[Mapping[str, Any]], free: Priced | None, credits: _Credits, currency: str) -> Priced:
    """The free lines and those of the invoice, in the order of the request, and what they take back of a discount."""
    own = iter(zip(free.columns, free.totals.lines, strict=True) if free else ())
    pairs = [
        credits.take(line["invoice_line_id"], line.get("quantity"), f"lines[{n}].invoice_line_id")
        if line.get("invoice_line_id")
        else next(own)
        for n, line in enumerate(lines)
    ]
    pairs += taken_back(credits.invoice, pairs)
    totals = [totals for _, totals in pairs]
    taxes: dict[Tax, TaxTotal] = {}
    for each in (tax for line in totals for tax in line.taxes):
        so_far = taxes.get(each.tax, TaxTotal(each.tax, ZERO, ZERO))
        taxes[each.tax] = TaxTotal(each.tax, so_far.taxable_amount + each.taxable_amount, so_far.amount + each.amount)
    zero = money.to_currency(ZERO, currency)
    return Priced(
        [columns for columns, _ in pairs],
        Totals(
            lines=totals,
            taxes=list(taxes.values()),
            subtotal=sum((line.subtotal for line in totals), zero),
            discount_total=sum((line.discount_amount + line.document_discount for line in totals), zero),
            tax_total=sum((line.tax_amount for line in totals), zero),
            total=sum((line.total for line in totals), zero),
        ),
        credits.invoice.price_includes_tax,
    )
