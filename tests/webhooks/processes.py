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

ROOT = Path(__file__).parent.parent.parent
_CELERY = [sys.executable, "-m", "celery", "-A", "bigledger"]
PROGRAMS = {
    "relay": [sys.executable, "manage.py", "relay"],
    "worker": [*_CELERY, "worker", "--concurrency", "1", "--loglevel", "ERROR", "--without-mingle", "--without-gossip"],
    "beat": [*_CELERY, "beat", "--loglevel", "ERROR"],
}


@dataclass
class Processes:
    """Each in a session of its own, so that a kill takes its children along and nobody else."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        env = os.environ | {
            "BIGLEDGER_HOME": str(settings.BIGLEDGER_HOME),
            "DJANGO_SETTINGS_MODULE": "tests.subprocess_settings",
            "TEST_DATABASE_NAME": connections["default"].settings_dict["NAME"],
            "WEBHOOKS_RETRY_SECONDS": ",".join(["0.1", "0.2", "0.4", *["0.8"] * 60]),
        }
        Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]).mkdir(parents=True, exist_ok=True)
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


def delete_broker_files() -> None:
    """All that the broker knows, while everything runs."""
    shutil.rmtree(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"], ignore_errors=True)
    shutil.rmtree(settings.CELERY_BROKER_TRANSPORT_OPTIONS["control_folder"], ignore_errors=True)


def restart_postgres() -> None:
    """Ends every session in the middle of whatever it does, and on the embedded server the server itself; the
    next one who connects starts it again."""
    if settings.DATABASE_URL:
        for alias in ("default", "worker"):
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = current_user AND pid <> pg_backend_pid()"
                )
        return
    pid_file = next(Path(connections["default"].settings_dict["HOST"]).parent.glob("data/postmaster.pid"))
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
