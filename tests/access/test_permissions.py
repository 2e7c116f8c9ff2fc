"""Who may do what: every method of every path, for every role and for scopes that suffice and that do not.

The table is walked from the URL configuration, so that a new view is in it from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import URLPattern, URLResolver
from rest_framework.permissions import AllowAny

from bigledger.access.models import Role
from bigledger.access.scopes import MANAGEMENT, RESOURCES, ROLE_WRITES
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.api.caller import NeedsScope
from bigledger.routes import api_routes
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

# Whoever asks for a token has none yet; the description of the API is public.
OPEN_TO_ALL = {"auth/token", "auth/token/refresh", "auth/revoke", "auth/verify"}
METHODS = {"get", "post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    resource: str

    @property
    def action(self) -> str:
        return "read" if self.method == "get" else "write"


def _patterns(routes: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for route in routes:
        path = prefix + str(route.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(route, URLResolver):
            yield from _patterns(route.url_patterns, path)
        elif "format" not in path:
            yield path, route


VIEWS = list(_patterns(api_routes))


def _operations() -> Iterator[Operation]:
    for path, pattern in VIEWS:
        view = getattr(pattern.callback, "cls", None)
        if view is None or path in OPEN_TO_ALL:
            continue
        filled = re.sub(r"\(\?P<\w+>[^)]*\)|<str:pk>", "none", path)
        for method in METHODS & set(getattr(pattern.callback, "actions", {})):
            yield Operation(method, filled, view.resource)


OPERATIONS = sorted(_operations(), key=lambda o: (o.path, o.method))


@pytest.mark.parametrize("path", [path for path, _ in VIEWS])
def test_every_view_declares_who_may(path: str) -> None:
    view = dict(VIEWS)[path].callback.cls
    if path in OPEN_TO_ALL:
        assert view.permission_classes == [AllowAny]
    else:
        assert view.permission_classes == [NeedsScope], f"{path} goes past the scopes"
        assert view.resource in RESOURCES, f"{path}: {view.resource} is no scope; name it in the app's apps.py"


def test_no_scope_is_of_a_resource_that_does_not_exist() -> None:
    assert {operation.resource for operation in OPERATIONS} == RESOURCES


def test_the_walk_finds_the_api() -> None:
    found = {(o.method, o.path) for o in OPERATIONS}
    assert found >= {("post", "accounts"), ("get", "accounts/none"), ("delete", "api-keys/none"), ("patch", "tenant")}
    assert not [path for path, _ in VIEWS if "(?P" in re.sub(r"\(\?P<\w+>[^)]*\)", "", path)]


@pytest.fixture
def members(acme: Caller) -> None:
    with tenant_context(acme.tenant):
        for role in Role.values:
            add_member(user=get_or_create_user(email=f"{role}@table.example"), role=role)


def _status(caller: Caller, role: str, scopes: tuple[str, ...], operation: Operation) -> tuple[int, str]:
    with tenant_context(caller.tenant):
        user = get_or_create_user(email=f"{role}@table.example")
        _, key = add_api_key(user=user, name="table", scopes=scopes)
    # A body that is no object: who may gets a 400 or 404, and nothing is written.
    answer = caller.request(operation.method.upper(), f"/v1/{operation.path}", b"[]", authorization=f"Bearer {key}")
    code = answer.error["code"] if answer.status >= 400 else ""
    return answer.status, code


@pytest.mark.parametrize("role", Role.values)
def test_the_table_of_roles(acme: Caller, members: None, role: str) -> None:
    wrong = {}
    for operation in OPERATIONS:
        writable = ROLE_WRITES[role]
        allowed = operation.action == "read" or writable is None or operation.resource in writable
        status, code = _status(acme, role, ("read", "write", "admin"), operation)
        if (code != "PERMISSION_DENIED") != allowed or status >= 500:
            wrong[operation] = (status, code)
    assert wrong == {}


@pytest.mark.parametrize("kind", ["exact", "umbrella", "admin", "other action", "other resource", "nothing"])
def test_the_table_of_scopes(acme: Caller, members: None, kind: str) -> None:
    wrong = {}
    for operation in OPERATIONS:
        other = "write" if operation.action == "read" else "read"
        foreign = next(name for name in sorted(RESOURCES) if name != operation.resource)
        scopes = {
            "exact": (f"{operation.action}:{operation.resource}",),
            "umbrella": (operation.action,),
            "admin": ("admin",),
            "other action": (other, f"{other}:{operation.resource}"),
            "other resource": (f"{operation.action}:{foreign}",),
            "nothing": (),
        }[kind]
        management = operation.resource in MANAGEMENT and operation.action == "write"
        allowed = kind in ("exact", "admin") or (kind == "umbrella" and not management)
        status, code = _status(acme, Role.OWNER, scopes, operation)
        if (code != "PERMISSION_DENIED") != allowed or status >= 500:
            wrong[operation] = (status, code)
    assert wrong == {}


def test_nobody_without_a_credential(acme: Caller) -> None:
    statuses = {
        operation: acme.client.generic(operation.method.upper(), f"/v1/{operation.path}").status_code
        for operation in OPERATIONS
    }
    assert set(statuses.values()) == {401}
