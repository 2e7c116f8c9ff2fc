"""Accounts: the chart that people edit, and the accounts that the system itself posts to."""

from ledger.services.accounts.chart import create_account, delete_account, update_account
from ledger.services.accounts.imports import create_accounts
from ledger.services.accounts.purposes import ensure_purpose_account, give_purpose, purpose_account

__all__ = [
    "create_account",
    "create_accounts",
    "delete_account",
    "ensure_purpose_account",
    "give_purpose",
    "purpose_account",
    "update_account",
]
