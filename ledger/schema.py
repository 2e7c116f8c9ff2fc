"""The ledger in GraphQL."""

from __future__ import annotations

from bigledger.graphql.declared import Declaration, Node, Told, create, delete, update
from ledger.resources import ACCOUNTS, DOCUMENTS, JOURNAL_ENTRIES
from ledger.serializers import AccountInput, NewAccountInput
from ledger.services.accounts import create_account, delete_account, update_account

FIELDS: tuple[Declaration, ...] = (
    Node(ACCOUNTS),
    Node(JOURNAL_ENTRIES),
    Node(DOCUMENTS),
    create(ACCOUNTS, NewAccountInput, create_account),
    update(ACCOUNTS, AccountInput, update_account),
    delete(ACCOUNTS, delete_account),
    Told("account_updated", ACCOUNTS, "account.updated", by_id=True),
)
