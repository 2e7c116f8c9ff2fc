"""`manage.py up`: everything on this machine, under one supervisor, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from bigledger import supervisor
from bigledger.broker import DELIVERIES
from bigledger.postgres.server import EmbeddedServerError
from bigledger.sandbox.demo import Demo, ensure_demo


class Command(BaseCommand):
    help = "Starts the API, the sockets, the workers and the clock; Ctrl-C stops them all."
    requires_system_checks: list[str] = []
    demo: Demo | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_ports()
        self._prepare()
        code = supervisor.run(
            children(),
            ready=_is_ready,
            on_ready=self._announce,
            log_dir=settings.BIGLEDGER_HOME / "logs",
        )
        if code:
            sys.exit(code)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _check_ports(self) -> None:
        for name, port in (("PORT", settings.PORT), ("WS_PORT", settings.WS_PORT)):
            if not supervisor.port_is_free(settings.HOST, port):
                raise CommandError(f"port {port} is in use; set {name} to another one")

    def _prepare(self) -> None:
        home = Path(settings.BIGLEDGER_HOME)
        try:
            for folder in ("logs", "files", "static", "broker", "broker-control"):
                (home / folder).mkdir(parents=True, exist_ok=True)
            self._say(
                f"Preparing the database in {home} …" if not settings.DATABASE_URL else "Preparing the database …"
            )
            call_command("migrate", verbosity=0, interactive=False)
            if settings.IS_SANDBOX:
                self._say("Opening the demo books …")
                self.demo = ensure_demo()
        except OSError as fault:
            raise CommandError(f"BIGLEDGER_HOME {home} is not usable: {fault.strerror}") from None
        except EmbeddedServerError as fault:
            raise CommandError(str(fault)) from None
        except OperationalError as fault:
            raise CommandError(f"the database of DATABASE_URL does not answer: {str(fault).splitlines()[0]}") from None
        connections.close_all()
        self._say("Starting the API, the sockets, the workers and the clock …")

    def _announce(self) -> None:
        base = f"http://localhost:{settings.PORT}"
        self._say(f"\nBigLedger is up ({settings.BIGLEDGER_ENVIRONMENT}).\n")
        self._say(f"  API      {base}/v1")
        self._say(f"  Sockets  ws://localhost:{settings.WS_PORT}/v1")
        self._say(f"  Admin    {base}/admin/")
        self._say(f"  Logs     {settings.BIGLEDGER_HOME}/logs")
        if self.demo:
            self._say(f"\n  Demo API key   {self.demo.api_key}")
            self._say(f"  Demo sign-in   {self.demo.admin_email}  {self.demo.admin_password}")
            self._say(f'\n  curl {base}/v1/accounts -H "Authorization: Bearer {self.demo.api_key}"')
        self._say("\nCtrl-C stops everything; the books stay.")


def children() -> list[supervisor.Child]:
    granian = [sys.executable, "-m", "granian", "--host", settings.HOST, "--no-ws", "--log-level", "warning"]
    sockets = [argument for argument in granian if argument != "--no-ws"]
    celery = [sys.executable, "-m", "celery", "--app", "bigledger.celery", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "WARNING"]
    python = {"DJANGO_SETTINGS_MODULE": "bigledger.settings", "PYTHONUNBUFFERED": "1"}
    return [
        supervisor.Child(
            "api",
            [*granian, "--interface", "wsgi", "--port", str(settings.PORT),
             "--workers", str(settings.API_PROCESSES), "--blocking-threads", str(settings.API_THREADS),
             "--backpressure", "512", "bigledger.wsgi:application"],
            python,
        ),
        supervisor.Child(
            "sockets",
            [*sockets, "--interface", "asginl", "--port", str(settings.WS_PORT), "bigledger.asgi:application"],
            python,
        ),
        supervisor.Child("relay", [sys.executable, str(settings.BASE_DIR / "manage.py"), "relay"], python),
        # Any politer signal takes Celery five seconds, and it gives up its tasks all the same; whatever must
        # not be lost is in the database, and is taken up again.
        supervisor.Child("worker", [*worker, "--concurrency", "1"], python, signal.SIGKILL),
        supervisor.Child(
            "deliveries", [*worker, "--queues", DELIVERIES, "--pool", "solo", "--hostname", "deliveries@%h"],
            python, signal.SIGKILL,
        ),
        supervisor.Child("clock", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""], python),
    ]  # fmt: skip


def _is_ready() -> bool:
    """Both listeners answer, and the API reaches the database."""
    try:
        for port, page in ((settings.PORT, "readyz"), (settings.WS_PORT, "healthz")):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=2):
                pass
    except (urllib.error.URLError, OSError):
        return False
    return True
