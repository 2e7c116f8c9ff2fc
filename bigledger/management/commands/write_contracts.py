"""`manage.py write_contracts`: the committed contracts, made from the code, and what is made from them in turn.

`--check` only compares.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bigledger.docs import contracts


class Command(BaseCommand):
    help = "Writes openapi.json, the generated pages of docs/ and the SDKs; with --check, fails if they differ."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for name, content in contracts.all_files().items():
            path = settings.BASE_DIR / name
            if not path.exists() or path.read_bytes() != content:
                stale.append(name)
                if not options["check"]:
                    path.write_bytes(content)
        if options["check"] and stale:
            raise CommandError(f"out of date: {', '.join(stale)}; run make contracts-write and read the difference")
        for name in stale:
            self.stdout.write(f"wrote {name}")
        generate = [sys.executable, str(settings.BASE_DIR / "sdks" / "generate.py")]
        made = subprocess.run([*generate, *(["--check"] if options["check"] else [])], check=False)
        if made.returncode:
            raise CommandError("the SDKs are out of date; run make contracts-write and read the difference")
