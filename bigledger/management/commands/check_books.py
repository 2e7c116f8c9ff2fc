"""`manage.py check_books [--tenant ID] [--json]`: are the books sound? Exit code 1 when they are not."""

from __future__ import annotations

import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from bigledger.apps import business_apps
from bigledger.soundness import Fault
from bigledger.tenants.models import Tenant


class Command(BaseCommand):
    help = "Checks that entries, kept balances and the event log agree; prints a line for each fault."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="ID", help="only this one")
        parser.add_argument("--json", action="store_true", help="print one JSON object per fault")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        tenants = self._tenants(options["tenant"])
        for tenant in tenants:
            for fault in self.faults(tenant):
                count += 1
                facts = {"tenant_id": str(tenant.id), **msgspec.to_builtins(fault)}
                text = msgspec.json.encode(facts).decode() if options["json"] else " ".join(facts.values())
                self.stdout.write(text)
        if count:
            sys.exit(1)
        if not options["json"]:
            self.stdout.write(f"{len(tenants)} tenants, {self.sound()}")

    @property
    def proofs(self) -> Sequence[ModuleType]:
        """What the apps check by."""
        return [import_module(app.soundness) for app in business_apps() if app.soundness]

    def faults(self, tenant: Tenant) -> Iterator[Fault]:
        """What is wrong with the tenant's books."""
        for proof in self.proofs:
            yield from proof.find_faults(tenant.id)

    def sound(self) -> str:
        """What is said of books without a fault."""
        return f"{sum(len(proof.CHECKS) for proof in self.proofs)} checks each: the books are sound."

    def _tenants(self, wanted: str | None) -> list[Tenant]:
        rows = Tenant.objects.using("worker").order_by("id")
        if wanted is None:
            return list(rows)
        try:
            return [rows.get(pk=uuid.UUID(wanted))]
        except (ValueError, Tenant.DoesNotExist):
            raise CommandError(f"there is no tenant {wanted}") from None
