"""Django's `migrate`, as the owner of the schema, after the roles exist."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from bigledger.tenants.provision import provision


class Command(migrate.Command):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        provision()
        super().handle(*args, **options)
