"""Scheduled jobs."""

from __future__ import annotations

from celery import shared_task

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import current_tenant
from bigledger.tenants.rounds import for_each_tenant


@shared_task(name="ledger.fold_balances")
def fold_balances() -> int:
    """Merges the balance slots of past months, tenant by tenant; returns how many rows they have left."""
    return for_each_tenant(None, _fold, job="ledger.fold_balances", repeat=False)


def _fold() -> int:
    month = current_tenant().today().replace(day=1)
    folded: int = fetch_one("SELECT ledger_fold_balances(%s)", [month])[0]
    return folded
