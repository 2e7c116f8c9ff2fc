"""The Celery task of sign-ins."""

from __future__ import annotations

from celery import shared_task

from bigledger.access.session_store import SessionStore


@shared_task(name="access.prune_sessions")
def prune_sessions() -> None:
    """Deletes sessions of browsers that have run out, and with them the addresses that they came from."""
    SessionStore.clear_expired()
