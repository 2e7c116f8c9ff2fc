"""Many accounts at once, in whatever order they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.bulk import attempt
from bigledger.errors import ApiError
from ledger.bodies import AccountBody
from ledger.models import Account
from ledger.services.accounts.chart import create_account


@transaction.atomic
def create_accounts(*, accounts: Sequence[Mapping[str, Any]], acting: Principal) -> list[AccountBody | ApiError]:
    """Creates each from the fields of `create_account`, those above before those below them; for each that could not
    be created, the error."""

    def create(position: int) -> AccountBody:
        return create_account(**accounts[position], acting=acting)

    outcomes: dict[int, AccountBody | ApiError] = {}
    for position in _parents_first(accounts):
        outcomes[position] = attempt(partial(create, position))
    return [outcomes[position] for position in range(len(accounts))]


def _parents_first(accounts: Sequence[Mapping[str, Any]]) -> list[int]:
    """The positions in an order in which an account's parent comes before it, if it is among them."""
    by_name = {Account.named(account["code"]): position for position, account in reversed(list(enumerate(accounts)))}
    ordered: dict[int, None] = {}
    for start in range(len(accounts)):
        chain: list[int] = []
        position: int | None = start
        while position is not None and position not in ordered and position not in chain:
            chain.append(position)
            position = by_name.get(accounts[position].get("parent_id") or "")
        ordered.update(dict.fromkeys(reversed(chain)))
    return list(ordered)
