"""Jobs of the clock."""

from __future__ import annotations

from celery import shared_task

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant


@shared_task(name="ledger.fold_balances")
def fold_balances() -> int:
    """Folds the balance slots of months gone by, tenant by tenant; returns how many rows are left of them."""
    folded = 0
    for tenant in Tenant.objects.using("worker").all():
        with tenant_context(tenant):
            month = tenant.today().replace(day=1)
            folded += fetch_one("SELECT ledger_fold_balances(%s)", [month])[0]
    return folded
