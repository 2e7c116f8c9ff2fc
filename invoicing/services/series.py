"""The numbers of documents: which series a document is numbered in, and the next number of it.

A number is `<prefix>-<year>-<n>` in a yearly series and `<prefix>-<n>` in one that never starts again. An invoice takes
its number when it is issued, or as a draft where the tenant numbers drafts; so the issued ones have no gap.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from customers.services.numbering import continue_after, lock_series, take_number
from invoicing.models import CreditNote, Invoice, Payment, SalesSettings
from invoicing.models.catalogue import NumberedDocument, Series
from invoicing.selectors.catalogue import sales_settings

_MODELS: Mapping[str, type[Invoice] | type[CreditNote] | type[Payment]] = {
    NumberedDocument.INVOICE: Invoice,
    NumberedDocument.CREDIT_NOTE: CreditNote,
    NumberedDocument.PAYMENT: Payment,
}


def take_document_number(document: NumberedDocument, day: datetime.date, settings: SalesSettings | None = None) -> str:
    """The next number of the document's series, for a document of that day.

    As `take_number`: the series stays locked until the commit. A number that an earlier series has given is skipped.
    """
    series = (settings or sales_settings()).series_of(document)
    while True:
        number = series.number(day, take_number(series.key(day)))
        if not _MODELS[document].objects.filter(number=number).exists():
            return number


def lock_invoice_series(days: Sequence[datetime.date]) -> None:
    """Locks the series that invoices of these days are numbered in, for who numbers several of them."""
    series = sales_settings().series_of(NumberedDocument.INVOICE)
    lock_series({series.key(day) for day in days})


def change_series(settings: SalesSettings, given: Sequence[Mapping[str, Any]]) -> None:
    """Sets the series that are given, and leaves the others. Raises ValidationFailed."""
    kept: dict[str, Series] = {kind: settings.series_of(kind) for kind in NumberedDocument}
    today = current_tenant().today()
    for position, each in enumerate(given):
        document = NumberedDocument(each.get("document", NumberedDocument.INVOICE))
        former = kept[document]
        series = Series(document, each.get("prefix", former.prefix), each.get("reset", former.reset))
        kept[document] = series
        _refuse_shared(list(kept.values()), f"series[{position}].prefix")
        if "next" in each and not continue_after(series.key(today), each["next"] - 1):
            message = f"{series.number(today, each['next'])} or a later number of the series was taken already."
            raise ValidationFailed.at(f"series[{position}].next", message, "out_of_range")
    settings.series = [series.stored() for series in kept.values()]


def _refuse_shared(series: Sequence[Series], field: str) -> None:
    if len({each.base for each in series}) < len(series):
        raise ValidationFailed.at(field, "Invoices, credit notes and payments need prefixes of their own.", "repeated")
