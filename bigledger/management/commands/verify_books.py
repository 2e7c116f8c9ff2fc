"""`manage.py verify_books [--tenant ID] [--all] [--json]`: the whole proof. Exit code 1 when a row disagrees.

It trusts nothing but the entries and the chain of the log: first the chain, then every row against the last event that
the log has of it, then every kept figure against what it is kept from (`check_books`). It stops at the first row of a
tenant that disagrees, because one that is wrong makes many wrong.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from bigledger.events import chain
from bigledger.identity.bodies import tenant_body
from bigledger.management.commands import check_books
from bigledger.soundness import Fault, Recorded, find_altered
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant

_TENANT = Recorded("tenant", Tenant, lambda rows: [tenant_body(row) for row in rows], unrecorded=lambda row: True)


class Command(check_books.Command):
    help = "Rebuilds every kept figure from the entries and the event log; names the first row that disagrees."
    most: int | None = 1

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="go on after the first row that disagrees")

    def handle(self, *args: Any, **options: Any) -> None:
        self.most = None if options["all"] else 1
        super().handle(*args, **options)

    def faults(self, tenant: Tenant) -> Iterator[Fault]:
        yield from islice(self._every_fault(tenant), self.most)

    def _every_fault(self, tenant: Tenant) -> Iterator[Fault]:
        with tenant_context(tenant):
            broken = chain.first_fault()
        if broken:
            yield Fault("log", str(tenant.id), broken)
        yield from self._altered(tenant)
        yield from super().faults(tenant)

    def _altered(self, tenant: Tenant) -> Iterator[Fault]:
        recorded = [_TENANT, *(each for proof in self.proofs for each in proof.RECORDED)]
        with transaction.atomic():
            with connection.cursor() as cursor:  # one moment for the rows and their events, whoever writes meanwhile
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with tenant_context(tenant):
                yield from list(find_altered(recorded))

    def sound(self) -> str:
        return f"log, rows and {super().sound()}"
