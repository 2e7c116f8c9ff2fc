"""Django's `migrate`, as the owner of the schema: the roles first, functions and triggers last."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from bigledger.tenants.provision import provision
from bigledger.tenants.routines import apply_routines
from bigledger.tenants.statistics import assume_tenants


class Command(migrate.Command):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        provision()
        super().handle(*args, **options)
        if not (options["app_label"] or options["plan"] or options["check_unapplied"] or options["fake"]):
            apply_routines()
            assume_tenants()
