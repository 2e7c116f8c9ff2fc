"""Accounts over REST, and the ledger of one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.access.principal import Principal
from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.sheets import Sheet, export_of, import_into
from bigledger.api.views import ResourceViewSet
from bigledger.errors import ApiError
from ledger.bodies import AccountBody, LedgerLineBody
from ledger.models import JournalLine
from ledger.resources import ACCOUNTS, LEDGER_LINES
from ledger.rules import ACCOUNT_IN_USE, POSTING
from ledger.selectors import ledger_line_bodies
from ledger.serializers import AccountInput, NewAccountInput
from ledger.services.accounts import create_account, create_accounts, delete_account, update_account

_PETTY_CASH = {
    "code": "1001",
    "name": "Petty Cash",
    "type": "asset",
    "subtype": "current_asset",
    "currency": "USD",
    "opening_balance": Decimal("1000.00"),
    "description": "Petty cash fund",
}
_FILE = """code,name,type,subtype,parent_id
1090,Money in transit,asset,current_asset,
1091,Cards in transit,asset,current_asset,acc_1090
"""
_SHEET = Sheet(ACCOUNTS, NewAccountInput, most=2000)


def _create(accounts: Sequence[Mapping[str, Any]], acting: Principal) -> Sequence[AccountBody | ApiError]:
    return create_accounts(accounts=accounts, acting=acting)


def _opening_entries(accounts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {"journal_entries": sum(1 for account in accounts if account.get("opening_balance"))}


class AccountViewSet(ResourceViewSet):
    of = ACCOUNTS

    import_rows = import_into(_SHEET, _create, example=_FILE, rules=POSTING, besides=_opening_entries)
    export = export_of(_SHEET)

    @describe(takes=NewAccountInput, gives=AccountBody, status=201, example=_PETTY_CASH, rules=POSTING)
    def create(self, request: Request) -> Response:
        body = create_account(**NewAccountInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(takes=AccountInput, gives=AccountBody, example={"name": "Cash on hand"}, rules=(ACCOUNT_IN_USE,))
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = AccountInput.read(request.data, partial=True)
        return Response(update_account(account=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204, rules=(ACCOUNT_IN_USE,))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_account(account=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(gives=LedgerLineBody, listing=LEDGER_LINES)
    @action(detail=True)
    def ledger(self, request: Request, pk: str) -> Response:
        """The account's lines by date, each with the account's balance after it."""
        account = self.find(pk)
        lines = JournalLine.objects.filter(account=account).select_related("entry", "account")
        page = LEDGER_LINES.read(lines, request.query_params)
        return Response({"data": ledger_line_bodies(page.rows), "meta": page.meta})
