"""`manage.py prove_isolation`: it finds nothing in a sound database, and what is wrong in one that is not."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bigledger.postgres import place, server
from tests.platform.test_backup import manage

# Each opens one way to the rows of others; what it opens is named as the proof names it.
HOLES = {
    "a table without its policy": (
        "ALTER TABLE invoicing_product DISABLE ROW LEVEL SECURITY",
        ["SELECT FROM invoicing_product", "UPDATE invoicing_product", "GET /v1/products", "GraphQL products"],
    ),
    "a function that runs as the superuser": (
        """CREATE FUNCTION leak(one uuid) RETURNS SETOF ledger_account LANGUAGE sql SECURITY DEFINER
           AS 'SELECT * FROM ledger_account WHERE tenant_id = one'""",
        ["leak(uuid)"],
    ),
    "a view that runs as the superuser": (
        "CREATE VIEW leak AS SELECT * FROM invoicing_invoice; GRANT SELECT ON leak TO bigledger_app",
        ["SELECT FROM leak", "leak without a tenant"],
    ),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bigledger-isolation-"))
    folder.chmod(0o755)
    server.start(folder)
    assert manage(folder, "migrate", "--verbosity", "0").returncode == 0
    yield folder
    server.stop(folder)
    shutil.rmtree(folder)
    shutil.rmtree(place.root_folder(folder), ignore_errors=True)


def test_nothing_of_another_tenant_is_reached(home: Path) -> None:
    proof = manage(home, "prove_isolation")

    *rows, last = proof.stdout.splitlines()
    assert (proof.returncode, rows) == (0, []), proof.stderr
    found = re.fullmatch(r"(\d+) probes, 0 foreign rows", last)
    assert found, last
    assert int(found[1]) > 1000


def test_a_hole_is_found_by_its_name(home: Path) -> None:
    assert manage(home, "prove_isolation").returncode == 0  # which has made the tenants, when this test runs alone
    with psycopg.connect(
        host=str(server.start(home).socket_dir), user=server.SUPERUSER, dbname="bigledger", autocommit=True
    ) as connection:
        for made, _ in HOLES.values():
            connection.execute(made.encode())

    proof = manage(home, "prove_isolation")

    assert proof.returncode == 1, proof.stderr
    for hole, (_, named) in HOLES.items():
        for name in named:
            assert any(line.startswith(name) for line in proof.stdout.splitlines()), (hole, name, proof.stdout)


def test_it_is_for_the_sandbox(home: Path) -> None:
    given = {"BIGLEDGER_ENVIRONMENT": "staging", "SECRET_KEY": secrets.token_urlsafe(48)}
    given |= {"ALLOWED_HOSTS": "127.0.0.1", "PUBLIC_URL": "https://books.example"}

    refused = manage(home, "prove_isolation", **given)

    assert refused.returncode == 1
    assert "run it in a sandbox of the same version" in refused.stderr
