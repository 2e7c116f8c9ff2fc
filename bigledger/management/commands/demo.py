"""`manage.py demo`: the demo tenant and how to get into it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from bigledger.errors import ApiError
from bigledger.sandbox.demo import ensure_demo


class Command(BaseCommand):
    help = "Creates the demo books if they do not exist, and prints the credentials."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo = ensure_demo()
        except ApiError as fault:
            raise CommandError(fault.message) from None
        facts = msgspec.to_builtins(demo)
        if options["json"]:
            self.stdout.write(msgspec.json.encode(facts).decode())
        else:
            for name, value in facts.items():
                self.stdout.write(f"{name:15} {value}")
