"""There is one source for who acted: the Principal that a service was given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from bigledger.access.actors import register_actor, system_actors
from bigledger.access.principal import Principal
from bigledger.tenants.context import tenant_context
from invoicing.events import OVERDUE
from tests.conftest import Caller
from tests.plugins import OURS

ROOT = Path(__file__).parent.parent.parent
# The two modules that know how a Principal comes about.
MAKERS = {"bigledger/access/principal.py", "bigledger/access/authentication.py"}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def _functions_that_take_acting() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if "acting" in {argument.arg for argument in arguments}:
                    yield f"{name}: {node.name}", node


def _uses_acting(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(found, ast.Name) and found.id == "acting" and isinstance(found.ctx, ast.Load)
        for statement in function.body
        for found in ast.walk(statement)
    )


def test_every_function_that_takes_acting_uses_it() -> None:
    functions = list(_functions_that_take_acting())

    assert len(functions) > 60
    assert [name for name, function in functions if not _uses_acting(function)] == []


def test_a_principal_is_made_in_two_modules_only() -> None:
    makers = {
        name
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Principal"
    }

    assert makers - MAKERS == set()


def test_the_system_actors_are_listed_in_the_events_documentation() -> None:
    text = (ROOT / "docs/events.md").read_text()

    assert {"system:recurring_invoices", "system:overdue"} <= {actor.name for actor in system_actors()}
    assert [actor.name for actor in system_actors() if f"| `{actor.name}` |" not in text] == []


def test_an_actor_is_registered_once() -> None:
    with pytest.raises(ValueError, match="actor system:overdue is registered twice"):
        register_actor("system:overdue", "Again")


def test_a_system_actor_has_no_permission_of_its_own(acme: Caller) -> None:
    with tenant_context(acme.tenant):
        acting = Principal.system(OVERDUE)

    assert (acting.actor, acting.scopes, acting.tenant) == ("system:overdue", frozenset(), acme.tenant)


def test_the_database_refuses_an_event_without_an_actor(acme: Caller) -> None:
    with (
        tenant_context(acme.tenant),
        pytest.raises(IntegrityError, match="events_pending_has_actor"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO events_pending (id, type, object_id, data, api_version, actor, request_id)"
            " VALUES (gen_random_uuid(), 'invoice.paid', gen_random_uuid(), '{}', '1', '', '')"
        )
