"""`manage.py verify_log`: recomputes every tenant's chain of events."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bigledger.events import chain
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant


class Command(BaseCommand):
    help = "Recomputes the hash chain of every tenant's event log, and reports where it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for tenant in Tenant.objects.using("worker").order_by("id"):
            with tenant_context(tenant):
                fault = chain.first_fault()
                seq, link = chain.head()
            faults += fault is not None
            self.stdout.write(f"{tenant.id} {seq} {link.hex()} {fault or 'ok'}")
        if faults:
            raise CommandError(f"{faults} logs have been altered")
