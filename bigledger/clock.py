"""The schedule of the clock (Celery beat): the platform's own jobs, and those that apps declare."""

from __future__ import annotations

from typing import Any

from bigledger.apps import Job, business_apps
from bigledger.broker import MAILS

_OWN = {
    "prune idempotency keys": Job("api.prune_idempotency_keys", every_seconds=3600),
    "prune sessions": Job("access.prune_sessions", every_seconds=24 * 3600),
    "prune mails": Job("mail.prune", every_seconds=6 * 3600),
    "deliver mails": Job("mail.deliver", every_seconds=60, queue=MAILS, expires_seconds=60),
}


def jobs() -> dict[str, Job]:
    """Every job by its name in the clock's own record. Known once Django's apps are."""
    return _OWN | {name: job for app in business_apps() for name, job in app.jobs.items()}


def schedule() -> dict[str, dict[str, Any]]:
    """The same as Celery takes it."""
    return {
        name: {
            "task": job.task,
            "schedule": float(job.every_seconds),
            "options": {"queue": job.queue} | ({"expires": job.expires_seconds} if job.expires_seconds else {}),
        }
        for name, job in jobs().items()
    }
