"""The processes behind webhooks, started as `manage.py up` starts them, to be killed without warning."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connections

from tests.redis_server import RedisServer
from webhooks.apps import DELIVERIES

ROOT = Path(__file__).parent.parent.parent
_CELERY = [sys.executable, "-m", "celery", "-A", "bigledger"]
PROGRAMS = {
    "relay": [sys.executable, "manage.py", "relay"],
    "worker": [*_CELERY, "worker", "--queues", DELIVERIES, "--pool", "solo", "--loglevel", "ERROR"],
    "beat": [*_CELERY, "beat", "--loglevel", "ERROR"],
}


class FolderBroker:
    """The broker of one machine: files in the home, which anybody may delete."""

    redis_url = ""

    def start(self) -> None:
        (Path(settings.BIGLEDGER_HOME) / "broker").mkdir(parents=True, exist_ok=True)

    def lose(self) -> None:
        """All that the broker knows, while everything runs."""
        for name in ("broker", "broker-control"):
            shutil.rmtree(Path(settings.BIGLEDGER_HOME) / name, ignore_errors=True)

    def stop(self) -> None:
        """There is no process; what lies in the folder is nobody's loss."""


@dataclass
class RedisBroker:
    """A Redis that is emptied, killed, and there again with nothing in it."""

    server: RedisServer

    @property
    def redis_url(self) -> str:
        return self.server.url

    def start(self) -> None:
        self.server.start()

    def lose(self) -> None:
        self.server.client.flushall()
        self.server.kill()
        self.server.start()

    def stop(self) -> None:
        self.server.kill()


Broker = FolderBroker | RedisBroker


@dataclass
class Processes:
    """Each in a session of its own, so that a kill takes its children along and nobody else."""

    logs: Path
    broker: Broker
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        env = os.environ | {
            "BIGLEDGER_HOME": str(settings.BIGLEDGER_HOME),
            "DJANGO_SETTINGS_MODULE": "tests.subprocess_settings",
            "TEST_DATABASE_NAME": connections["default"].settings_dict["NAME"],
            "REDIS_URL": self.broker.redis_url,
            "WEBHOOKS_RETRY_SECONDS": ",".join(["0.1", "0.2", "0.4", *["0.8"] * 60]),
            **self.environment,
        }
        for name in names:
            with (self.logs / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    PROGRAMS[name], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
                )

    def kill(self, *names: str) -> None:
        for name in names:
            process = self.running.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_all(self) -> None:
        self.kill(*self.running)


def restart_postgres() -> None:
    """Ends every session in the middle of whatever it does, and on the embedded server the server itself; the
    next one who connects starts it again."""
    if settings.DATABASE_URL:
        for alias in ("default", "worker"):
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
                )
        return
    pid_file = next(Path(connections["default"].settings_dict["HOST"]).parent.glob("data/postmaster.pid"))
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
