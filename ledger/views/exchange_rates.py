"""Exchange rates over REST: kept by day and type, imported and exported as files."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

from rest_framework.request import Request

from bigledger.access.principal import Principal
from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.sheets import Sheet, created_each, export_of, import_into
from bigledger.api.views import ResourceViewSet
from ledger.bodies import ExchangeRateBody
from ledger.resources import EXCHANGE_RATES
from ledger.serializers import ExchangeRateChanges, ExchangeRateInput
from ledger.services.central_bank import EURO, SOURCE, is_published_file, published_rates
from ledger.services.exchange_rates import (
    create_exchange_rate,
    delete_exchange_rate,
    import_published_rates,
    update_exchange_rate,
)

_EURO = {"currency": "EUR", "date": datetime.date(2024, 1, 15), "rate": Decimal("1.0945"), "source": "ECB"}
_FILE = """currency,quote_currency,date,type,rate,source
EUR,USD,2024-01-12,spot,1.0942,ECB
EUR,USD,2024-01-31,closing,1.0837,ECB
"""
_SHEET = Sheet(EXCHANGE_RATES, ExchangeRateInput, most=20_000)


_NOTE = (
    "The file of the European Central Bank, `eurofxref-hist.csv`, is taken as it is: spot rates of the euro, those that"
    " differ replaced, of which `created` counts the new ones."
)


def _import_published(content: bytes, acting: Principal) -> Mapping[str, int] | None:
    """Of the file of the European Central Bank; None when it is not that."""
    if not is_published_file(content):
        return None
    rates = published_rates(content)
    return import_published_rates(rates=rates, currency=EURO, source=SOURCE, acting=acting).created


class ExchangeRateViewSet(ResourceViewSet):
    of = EXCHANGE_RATES

    import_rows = import_into(
        _SHEET,
        created_each(create_exchange_rate),
        example=_FILE,
        foreign=_import_published,
        note=_NOTE,
    )
    export = export_of(_SHEET)

    @describe(takes=ExchangeRateInput, gives=ExchangeRateBody, status=201, example=_EURO)
    def create(self, request: Request) -> Response:
        """Keeps what one unit of a currency is worth on a day, in the base currency or another `quote_currency`."""
        return Response(create_exchange_rate(**ExchangeRateInput.read(request.data), acting=self.principal), status=201)

    @describe(takes=ExchangeRateChanges, gives=ExchangeRateBody, example={"rate": Decimal("1.0947")})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes the rate. What was posted at the rate before stays as it is."""
        changes = ExchangeRateChanges.read(request.data, partial=True)
        return Response(update_exchange_rate(exchange_rate=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """What was posted at the rate stays as it is."""
        delete_exchange_rate(exchange_rate=self.find(pk), acting=self.principal)
        return Response(status=204)
