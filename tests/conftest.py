"""The suite's database, its fixed cast, and a client that speaks exact JSON.

`acme` owns the books, `acme_viewer` may only read them, `globex` is another tenant and must see nothing.
The cast is committed once; each test then runs in a transaction that is rolled back.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bigledger import exact_json
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import add_api_key, add_member, create_tenant, get_or_create_user
from bigledger.postgres import server
from bigledger.sandbox.demo import Demo, ensure_demo
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from invoicing.pdf import stored
from invoicing.views import files, public
from tests import left_behind

# What a test asks for that commits, if it has not asked for `db_access`.
COMMITTING = {"cast", "committed", "committed_demo"}
# A busy machine is no fault of an example.
_UNCHECKED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=_UNCHECKED)
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A fresh database on the suite's own server (or on DATABASE_URL's), migrated as in production."""
    with django_db_blocker.unblock():
        if settings.DATABASE_URL:
            _recreate_external_database()
        with _alone_with_roles():
            call_command("migrate", verbosity=0)
        let_tests_number_events()
        connections.close_all()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    if not settings.DATABASE_URL:
        server.stop(Path(settings.BIGLEDGER_HOME))


@contextmanager
def _alone_with_roles() -> Iterator[None]:
    """Roles belong to the whole server, which the suite's workers share when it is DATABASE_URL's."""
    with (Path(tempfile.gettempdir()) / f"bigledger-roles-{os.getuid()}.lock").open("w") as file:
        if settings.DATABASE_URL:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recreate_external_database() -> None:
    import psycopg

    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{connections['owner'].settings_dict['NAME']}"
    params = connections["owner"].get_connection_params()
    keep = {key: params[key] for key in ("host", "port", "user", "password") if params.get(key)}
    with psycopg.connect(**keep, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name


def let_tests_number_events() -> None:
    """For `number_events`; outside the suite only the relay's role may."""
    app = settings.DATABASE_ROLES["app"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'GRANT EXECUTE ON FUNCTION events_number(uuid[], integer) TO "{app}"')


def number_events(caller: Caller) -> None:
    """What the relay does after the commit, within a test's transaction: the events so far enter the log."""
    with tenant_context(caller.tenant), connections["default"].cursor() as cursor:
        cursor.execute("SELECT events_number(%s, 10000)", [[caller.tenant.id]])


class Answer:
    """A response and its exact body."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status = response.status_code
        content = b"".join(response.streaming_content) if response.streaming else response.content
        self.raw = content
        self.text = content.decode(errors="replace")

    @property
    def body(self) -> Any:
        return exact_json.decode(self.text.encode()) if self.text else None

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.body["error"]
        return error

    @property
    def fields(self) -> list[str | None]:
        """The paths that the error's details name."""
        return [detail.get("field") for detail in self.error["details"]]

    @property
    def unforetold_rules(self) -> set[str]:
        """The business rules that were broken and that the description of the operation does not name."""
        if self.status < 400 or '"rule":' not in self.text:
            return set()
        response: Any = self.response
        view = response.resolver_match.func
        operation = getattr(view.cls, view.actions[response.request["REQUEST_METHOD"].lower()]).operation
        broken = {detail["rule"] for detail in self.error["details"] if "rule" in detail}
        return broken - {rule.name for rule in operation.rules}


@dataclass
class Caller:
    """A member of the cast with an API key."""

    tenant: Tenant
    principal: Principal
    api_key: str
    signing_secret: str = ""
    client: Client = field(default_factory=Client)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else exact_json.encode(body) if body is not None else b""
        names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        names.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.api_key}")
        answer = Answer(self.client.generic(method, path, raw, content_type="application/json", **names))
        assert answer.unforetold_rules == set(), f"{method} {path} does not name them in describe(rules=…)"
        return answer

    def upload(self, path: str, fields: dict[str, Any]) -> Answer:
        """A multipart form; files are Django's `SimpleUploadedFile`."""
        return Answer(self.client.post(path, fields, HTTP_AUTHORIZATION=f"Bearer {self.api_key}"))

    def send_csv(self, path: str, content: str | bytes, **headers: str) -> Answer:
        """A CSV file as the body."""
        raw = content.encode() if isinstance(content, str) else content
        names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        names.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.api_key}")
        answer = Answer(self.client.generic("POST", path, raw, content_type="text/csv", **names))
        assert answer.unforetold_rules == set(), f"POST {path} does not name them in describe(rules=…)"
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.request("DELETE", path, **headers)


@dataclass
class Cast:
    acme: Caller
    acme_viewer: Caller
    globex: Caller


def host_of(caller: Caller) -> str:
    """`globex.example`: where a tenant's people and servers are, in what tests make for it."""
    return f"{caller.tenant.name.split()[0].lower()}.example"


def make_tenant(name: str, plan: str = "enterprise", **options: str) -> Caller:
    """A tenant with its owner's key, in whatever transaction the caller is in."""
    new = create_tenant(name=name, plan=plan, owner_email=f"owner@{name.lower()}.example", **options)
    principal = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"read", "write", "admin"}), "key_test")
    return Caller(new.tenant, principal, new.api_key, new.signing_secret)


@pytest.fixture(scope="session")
def cast(django_db_setup: None, django_db_blocker: Any) -> Cast:
    with django_db_blocker.unblock():
        acme = make_tenant("Acme")
        globex = make_tenant("Globex")
        with tenant_context(acme.tenant):
            user = get_or_create_user(email="viewer@acme.example")
            add_member(user=user, role=Role.VIEWER)
            _, key = add_api_key(user=user, name="viewer", scopes=("read", "write"))
        viewer = Principal(acme.tenant, user.id, Role.VIEWER, frozenset({"read", "write"}), "key_viewer")
        left_behind.keep(acme.tenant.id, globex.tenant.id)
        connections.close_all()
    return Cast(acme, Caller(acme.tenant, viewer, key), globex)


@pytest.fixture(scope="session")
def committed_demo(django_db_setup: None, django_db_blocker: Any) -> Demo:
    """The demo books, built once as at the first start, and numbered as by the relay: a report that finds events of
    others waiting numbers them on the worker's connection, which a test that is rolled back does not have."""
    with django_db_blocker.unblock():
        built = ensure_demo()
        with connections["worker"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM events_number(ARRAY[%s::uuid], 100000)", [built.tenant_id])
        left_behind.keep(uuid.UUID(built.tenant_id))
        connections.close_all()
    return built


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """A module that commits leaves the tenants that all tests share as they were; it has its own to change."""
    yield
    tests = (item for item in request.session.items if getattr(item, "module", None) is request.module)
    names = [getattr(item, "fixturenames", ()) for item in tests]
    if any("db_access" not in used and COMMITTING.intersection(used) for used in names):
        with django_db_blocker.unblock():
            found = left_behind.changed()
            connections.close_all()
        assert found == {}, f"{request.module.__name__} leaves the shared tenants changed"


@pytest.fixture
def db_access(django_db_setup: None, request: pytest.FixtureRequest) -> None:
    """The tables of one test, rolled back after it, on both of the application's connections."""
    request.applymarker(pytest.mark.django_db(databases=["default", "autonomous"]))
    request.getfixturevalue("db")


@pytest.fixture(autouse=True)
def documents_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker in the suite: whoever waits for a document has it made here, by the worker's own function."""
    wait = stored.wait_for_pdf

    def make_and_wait(tenant_id: uuid.UUID, pk: uuid.UUID) -> bytes:
        while stored.make_next_pdf(tenant_id):
            pass
        return wait(tenant_id, pk)

    for module in (files, public):
        monkeypatch.setattr(module, "wait_for_pdf", make_and_wait)
    monkeypatch.setattr(stored, "wake", lambda: None)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For tests of concurrency and of jobs: what they write is committed and stays, so each makes its own tenant."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def demo(committed_demo: Demo, db_access: None) -> Caller:
    """The demo tenant's owner."""
    with tenant_context(uuid.UUID(committed_demo.tenant_id)) as tenant:
        owner = get_or_create_user(email=committed_demo.admin_email)
    principal = Principal(tenant, owner.id, Role.OWNER, frozenset({"read", "write", "admin"}), "key_demo")
    return Caller(tenant, principal, committed_demo.api_key, committed_demo.signing_secret)


@pytest.fixture
def acme(cast: Cast, db_access: None) -> Caller:
    return cast.acme


@pytest.fixture
def acme_viewer(cast: Cast, db_access: None) -> Caller:
    return cast.acme_viewer


@pytest.fixture
def globex(cast: Cast, db_access: None) -> Caller:
    return cast.globex
