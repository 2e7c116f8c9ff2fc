"""What an id of the ledger expands to, here and in the apps above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigledger.api.lookup import condition
from bigledger.api.selection import Expansion
from ledger.bodies import AccountBody
from ledger.models import Account
from ledger.selectors import account_bodies


def _accounts(references: Sequence[str]) -> Mapping[str, AccountBody]:
    return {body.id: body for body in account_bodies(list(Account.objects.filter(condition("acc", None, references))))}


ACCOUNT: Expansion = Expansion(AccountBody, _accounts, lambda: {"parent": ACCOUNT})
