"""`manage.py up`: everything on this machine, under one supervisor, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from bigledger import child_logs, supervisor
from bigledger.apps import business_apps
from bigledger.broker import CLOCK, MAILS
from bigledger.postgres.place import locate
from bigledger.postgres.server import EmbeddedServerError
from bigledger.private import close_home
from bigledger.sandbox.demo import Demo, ensure_demo
from bigledger.server import serving

# A loop that works beats every second. A loop on a very busy machine must not count as one that hangs.
HANG_SECONDS = 60.0


class Command(BaseCommand):
    help = "Starts the API, the sockets, the workers and the scheduler; Ctrl-C stops them all."
    requires_system_checks: list[str] = []
    demo: Demo | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        with sole_use_of(Path(settings.BIGLEDGER_HOME)):
            self._check_ports()
            self._prepare()
            code = supervisor.run(
                children(),
                ready=_is_ready,
                on_ready=self._announce,
                chores=_bound_the_servers_log,
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
            close_home(home)
            for folder in ("logs", "files", "static", "broker", "run"):
                (home / folder).mkdir(parents=True, exist_ok=True)
            self._say(
                f"Preparing the database in {home} …" if not settings.DATABASE_URL else "Preparing the database …"
            )
            call_command("migrate", verbosity=0, interactive=False)
            if settings.IS_SANDBOX:
                self._say("Preparing the demo books …")
                self.demo = ensure_demo()
        except OSError as fault:
            raise CommandError(f"BIGLEDGER_HOME {home} is not usable: {fault.strerror}") from None
        except EmbeddedServerError as fault:
            raise CommandError(str(fault)) from None
        except OperationalError as fault:
            raise CommandError(f"the database of DATABASE_URL does not answer: {str(fault).splitlines()[0]}") from None
        connections.close_all()
        self._say("Starting the API, the sockets, the workers and the scheduler …")

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


@contextmanager
def sole_use_of(home: Path) -> Iterator[None]:
    """One `up` per home: two would run two clocks, and write each other's files."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise CommandError(f"BIGLEDGER_HOME {home} is not usable: {fault.strerror}") from None
    try:
        # The kernel takes the lock back however we end; no child inherits it.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise CommandError(f"BIGLEDGER_HOME {home} is already in use by `manage.py up` (pid {holder})") from None
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _bound_the_servers_log() -> None:
    if not settings.DATABASE_URL:
        with suppress(EmbeddedServerError, OSError):
            child_logs.cut_in_place(locate(Path(settings.BIGLEDGER_HOME)).log_file)


def children() -> list[supervisor.Child]:
    granian = [sys.executable, "-m", "granian", "--host", settings.HOST, "--log-level", "warning"]
    celery = [sys.executable, "-m", "celery", "--app", "bigledger.celery", "--quiet"]
    # What workers would tell each other, nobody listens to.
    worker = [*celery, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        _child(
            "api",
            [*granian, *serving.ARGUMENTS, "--port", str(settings.PORT), "--workers", str(settings.API_PROCESSES),
             "--respawn-failed-workers", "bigledger.rsgi:application"],
            is_vital=True, probe=_page(settings.PORT, "healthz"),
        ),
        _child(
            "sockets",
            [*granian, *serving.SOCKET_ARGUMENTS, "--port", str(settings.WS_PORT), "bigledger.asgi:application"],
            probe=_page(settings.WS_PORT, "healthz"),
        ),
        _child("relay", [sys.executable, str(settings.BASE_DIR / "manage.py"), "relay"]),
        # Any politer signal takes Celery five seconds, and it gives up its tasks all the same; whatever must
        # not be lost is in the database, and is taken up again.
        _child(
            "worker", [*worker, "--queues", f"{CLOCK},{MAILS}", "--concurrency", "1"], stop_signal=signal.SIGKILL
        ),
        *(
            _child(
                queue, [*worker, "--queues", queue, "--pool", "solo", "--hostname", f"{queue}@%h"],
                stop_signal=signal.SIGKILL,
            )
            for app in business_apps() for queue in app.queues
        ),
        _child(
            "clock",
            [*celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--scheduler", "bigledger.celery:Clock"],
        ),
    ]  # fmt: skip


def _child(name: str, argv: list[str], **options: Any) -> supervisor.Child:
    env = {"DJANGO_SETTINGS_MODULE": "bigledger.settings", "PYTHONUNBUFFERED": "1", "BIGLEDGER_CHILD": name}
    return supervisor.Child(name, argv, env, hang_seconds=HANG_SECONDS, **options)


def _page(port: int, name: str) -> str:
    """The URL of a page that a listener on this machine serves."""
    everywhere = settings.HOST in ("0.0.0.0", "localhost")  # noqa: S104 - a comparison
    host = "127.0.0.1" if everywhere else f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return f"http://{host}:{port}/{name}"


def _is_ready() -> bool:
    """Both listeners answer, and reach the database."""
    try:
        for port in (settings.PORT, settings.WS_PORT):
            with urllib.request.urlopen(_page(port, "readyz"), timeout=2):
                pass
    except (urllib.error.URLError, OSError):
        return False
    return True
