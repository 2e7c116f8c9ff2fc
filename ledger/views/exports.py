"""The whole ledger as a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import ClassVar

from django.http import FileResponse
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.download import download
from bigledger.api.shapes import Shape
from bigledger.api.views import ApiViewSet
from ledger.reports.exports import as_beancount, as_hledger, as_table
from ledger.reports.statements import checked_period
from ledger.serializers import SpanParams

PLAIN, CSV = "text/plain", "text/csv"


class LedgerExportViewSet(ApiViewSet):
    """What was posted from a day to a day, both included. What was before is one entry of opening balances, dated the
    day before `from`, so that a file always adds up to the trial balance of its last day."""

    resource = "journal_entries"
    query_shapes: ClassVar[list[type[Shape]]] = [SpanParams]

    def known_parameters(self) -> None:
        return None  # the shape refuses what it does not know

    @describe(media=PLAIN, named="exportBeancount")
    def beancount(self, request: Request) -> FileResponse:
        """The ledger for beancount

        A text that `bean-check` accepts. A foreign amount has its worth in base behind `@@`."""
        return self._answer(request, as_beancount, "ledger.beancount", PLAIN)

    @describe(media=PLAIN, named="exportHledger")
    def hledger(self, request: Request) -> FileResponse:
        """The ledger for hledger

        A journal that `hledger` accepts; `hledger balance --cost` shows the trial balance in base."""
        return self._answer(request, as_hledger, "ledger.journal", PLAIN)

    @describe(media=CSV, named="exportLedgerCsv")
    def table(self, request: Request) -> FileResponse:
        """The ledger as CSV

        A row for each journal line."""
        return self._answer(request, as_table, "ledger.csv", CSV)

    def _answer(
        self, request: Request, write: Callable[..., Iterator[str]], name: str, media_type: str
    ) -> FileResponse:
        span: dict[str, datetime.date] = SpanParams.read(request.query_params.dict())
        checked_period(span.get("start", datetime.date.min), span.get("end", datetime.date.max))
        return download(write(**span), name=name, media_type=f"{media_type}; charset=utf-8")
