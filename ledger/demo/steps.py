"""The steps that `ledger/apps.py` names, in its order."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from ledger.demo.year import year_of_entries
from ledger.models import AccountPurpose
from ledger.services.accounts import create_account, ensure_purpose_account
from ledger.services.accounts.purposes import USUAL
from ledger.services.documents import upload_document
from ledger.services.posting import post_journal_entries

_FOLDER = Path(__file__).parent
_BATCH = 100


def chart_of_accounts(acting: Principal) -> None:
    """The 150 accounts of `chart.csv`; those that the system posts to itself are among them."""
    with (_FOLDER / "chart.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            account: dict[str, Any] = {**row, "is_reconcilable": row["is_reconcilable"] == "true"}
            create_account(**account, acting=acting)
    for purpose in map(AccountPurpose, USUAL):
        ensure_purpose_account(purpose, current_tenant().base_currency, acting=acting)


def source_document(acting: Principal) -> None:
    """The document of the reference's journal entry, `doc_abc123`."""
    content = (_FOLDER / "rent-receipt.pdf").read_bytes()
    upload_document(name="rent-receipt.pdf", content=content, reference="abc123", acting=acting)


def year_of_books(acting: Principal) -> None:
    entries = year_of_entries(current_tenant().today())
    for start in range(0, len(entries), _BATCH):
        post_journal_entries(entries=entries[start : start + _BATCH], acting=acting)
