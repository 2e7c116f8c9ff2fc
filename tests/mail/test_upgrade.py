"""What waited in the tables of before waits on in the one table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def scratch(cast: Any) -> Iterator[str]:
    """The name of a database that does not exist yet; dropped after the test."""
    name = f"upgrade_{uuid.uuid4().hex[:12]}"
    params = connections["owner"].get_connection_params()
    keep = {key: params[key] for key in ("host", "port", "user", "password") if params.get(key)}
    if not settings.DATABASE_URL:
        keep["user"] = "postgres"
    with psycopg.connect(**keep, dbname="postgres", autocommit=True) as connection:
        if settings.DATABASE_URL:
            connection.execute(f'CREATE DATABASE "{name}"')
        yield name
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_waiting_mails_and_notices_move_over(scratch: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mail.upgrade"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_NAME": scratch},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    invoices, notices = {}, []
    for identifier, kind, about, *rest in json.loads(done.stdout):
        if kind == "invoice":
            invoices[uuid.UUID(identifier).int] = (uuid.UUID(about).int, *rest)
        else:
            notices.append((kind, uuid.UUID(about).int, *rest[:5]))
    assert invoices == {
        11: (1, ["a@x.example"], ["b@x.example"], "Hi", "waiting", 3, True, None),
        12: (1, ["a@x.example"], [], "", "sent", 1, True, "2024-01-02 00:00:00+00:00"),
        13: (1, ["a@x.example"], [], "", "failed", 12, True, None),
    }
    assert notices == [("endpoint_disabled", 11, ["owner@t.example"], [], None, "waiting", 0)]
