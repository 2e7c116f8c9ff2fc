"""`manage.py restore FILE`: a backup into an empty home, and the proof that its books are sound."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from tarfile import TarFile
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from bigledger import backup
from bigledger.management.commands.up import sole_use_of
from bigledger.postgres import server
from bigledger.tenants.provision import provision


class Command(BaseCommand):
    help = "Restores a file of `manage.py backup` into a home without books, and checks every tenant's."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `manage.py backup` has written")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if settings.DATABASE_URL:
            raise CommandError("the database is a PostgreSQL server of your own; use its backups (docs/operations.md)")
        home = Path(settings.BIGLEDGER_HOME)
        try:
            with sole_use_of(home), backup.opened(file) as (archive, manifest):
                running = server.start(home)
                provision()
                self._refuse_if_used(home, running)
                self._use_key_of(archive, manifest, home)
                database = str(settings.DATABASES["default"]["NAME"])
                backup.restore_database(archive, manifest, server=running, database=database)
                documents = backup.restore_files(archive, home)
                self.stdout.write(f"The books of {manifest.made_at:%Y-%m-%d %H:%M} UTC, {documents} documents.")
                call_command("migrate", verbosity=0, interactive=False)
                call_command("verify_books", stdout=self.stdout)
        except (backup.Unusable, server.EmbeddedServerError) as fault:
            raise CommandError(str(fault)) from None

    def _refuse_if_used(self, home: Path, running: server.Server) -> None:
        name = settings.DATABASES["default"]["NAME"]
        place = {"host": str(running.socket_dir), "user": server.SUPERUSER, "dbname": name}
        with psycopg.connect(**place) as connection:  # type: ignore[arg-type]
            found = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
        files = home / backup.FILES
        if (found and found[0]) or (files.is_dir() and any(files.iterdir())):
            raise CommandError(f"{home} has books; set BIGLEDGER_HOME to a directory that is empty or does not exist")

    def _use_key_of(self, archive: TarFile, manifest: backup.Manifest, home: Path) -> None:
        """The key decides what can be decrypted, so it has to be the one of then. The home's own, which was made a
        moment ago, gives way to the one in the archive; then the command starts again with it."""
        if manifest.environment != settings.BIGLEDGER_ENVIRONMENT:
            raise CommandError(
                f"the backup is of another environment; set BIGLEDGER_ENVIRONMENT={manifest.environment}"
            )
        if backup.key_check(settings.SECRET_KEY) == manifest.key_check:
            return
        key, own = backup.key_of(archive), home / backup.KEY
        is_own = own.exists() and own.read_text() == settings.SECRET_KEY
        if key is None or backup.key_check(key) != manifest.key_check or not is_own:
            raise CommandError("the backup was made with another SECRET_KEY; set SECRET_KEY to the one of then")
        own.write_text(key)
        server.stop(home)
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this very command
