"""Scheduled jobs."""

from __future__ import annotations

from celery import shared_task

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.jobs import for_each_tenant


@shared_task(name="ledger.fold_balances")
def fold_balances() -> int:
    """Moves the balance slots to the rows of their days, tenant by tenant; returns how many slots there were."""
    return for_each_tenant(None, _fold, job="ledger.fold_balances", repeat=False)


def _fold() -> int:
    folded: int = fetch_one("SELECT ledger_fold_balances()")[0]
    return folded
