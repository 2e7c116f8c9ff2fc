"""`manage.py backup FILE`: everything of the embedded deployment in one file, while it runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bigledger import backup
from bigledger.postgres import server


class Command(BaseCommand):
    help = "Writes database, source documents and the sandbox's secret key into one file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it must not exist")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if settings.DATABASE_URL:
            raise CommandError("the database is a PostgreSQL server of your own; use its backups (docs/operations.md)")
        home = Path(settings.BIGLEDGER_HOME)
        try:
            size = backup.make(
                file,
                home=home,
                server=server.start(home),
                database=str(settings.DATABASES["default"]["NAME"]),
                environment=settings.BIGLEDGER_ENVIRONMENT,
                secret_key=settings.SECRET_KEY,
            )
        except (backup.Unusable, server.EmbeddedServerError) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{file}: {size:,} bytes.")
        if not (home / backup.KEY).exists():
            self.stdout.write("SECRET_KEY is not in it. Keep the key apart: without it the backup cannot be restored.")
