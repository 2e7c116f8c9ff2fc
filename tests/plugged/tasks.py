from __future__ import annotations

from celery import shared_task

woken: list[str] = []


@shared_task(name="plugged.close")
def close() -> None:
    """Closes cost centers."""


def wake() -> None:
    woken.append("plugged")
