"""The registry is whole: every change records an event, every event is raised by something that a test does.

An app's `tests/<app>/raises.py` holds `RAISES`: for each type it registers, what a caller does to raise it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from bigledger import exact_json, ids
from bigledger.access.actors import system_actors
from bigledger.access.models import Membership
from bigledger.events.registry import event_types, register
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller
from tests.contract.described import event_schema, faults
from tests.plugins import OURS, modules

ROOT = Path(__file__).parent.parent.parent
# Tells of many objects at once, how many were created and updated: it has no id of its own.
OF_MANY = {"exchange_rate.imported"}
NOWHERE = Path()  # what is no service: the two functions that record
TYPES = {event_type.name: event_type for event_type in event_types()}
RAISES: dict[str, Callable[[Caller], object]] = {
    name: do for module in modules("raises") for name, do in module.RAISES.items()
}
# The reference's thirteen, with the keys that it shows. The rest of an account's and a customer's are those of
# its objects.
ACCOUNT = {"id", "code", "name", "type", "subtype", "currency", "balance", "normal_balance", "is_active"}
CUSTOMER = {"id", "name", "email", "currency", "payment_terms", "credit_limit", "balance", "status"}
INVOICE = {"id", "number", "customer_id", "total", "amount_paid", "paid_at"}
PAYMENT = {"id", "customer_id", "amount", "currency", "method", "status"}
REFERENCE = {
    "ledger": dict.fromkeys(("account.created", "account.updated", "account.deleted"), ACCOUNT),
    "customers": dict.fromkeys(("customer.created", "customer.updated"), CUSTOMER),
    "invoicing": {
        **dict.fromkeys(("invoice.created", "invoice.sent", "invoice.paid", "invoice.overdue"), INVOICE),
        **dict.fromkeys(("payment.received", "payment.failed", "payment.refunded"), PAYMENT),
        "customer.credit_limit_exceeded": CUSTOMER,
    },
}


def test_the_reference_names_thirteen() -> None:
    assert sum(len(of_app) for of_app in REFERENCE.values()) == 13


def test_the_reference_types_of_each_app_are_registered() -> None:
    wanted = {name for app, of_app in REFERENCE.items() if apps.is_installed(app) for name in of_app}

    assert wanted - set(TYPES) == set()


def test_every_registered_type_is_raised_by_something() -> None:
    assert set(TYPES) - set(RAISES) == set()
    assert set(RAISES) - set(TYPES) == set()


@pytest.mark.parametrize("name", sorted(TYPES))
def test_it_is_raised_with_its_payload_and_its_actor(acme: Caller, name: str) -> None:
    RAISES[name](acme)

    with tenant_context(acme.tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT data, actor FROM events_pending WHERE type = %s"
            " UNION ALL SELECT body, body::jsonb ->> 'actor' FROM webhooks_webhookdelivery WHERE event_type = %s",
            [name, name],
        )
        rows = cursor.fetchall()
    texts, actors = [text for text, _ in rows], [actor for _, actor in rows]
    assert texts, f"tests/*/raises.py does not raise {name}"
    wanted = {key for of_app in REFERENCE.values() for key in of_app.get(name, ())}
    assert {actor for actor in actors if not _is_known(actor, acme)} == set()
    for text in texts:
        whole = exact_json.decode(text.encode())
        payload = whole.get("data", whole)[TYPES[name].resource]
        assert bool(payload.get("id")) == (name not in OF_MANY)
        assert wanted - set(payload) == set()
        assert faults(f"{event_schema(name)}/allOf/1", {"type": name, "data": whole.get("data", whole)}) == []


def _is_known(actor: str, caller: Caller) -> bool:
    """A system actor, or a member, and after a blank who made their credential."""
    if actor in {known.name for known in system_actors()}:
        return True
    with tenant_context(caller.tenant):
        members = {ids.encode("user", user_id) for user_id in Membership.objects.values_list("user_id", flat=True)}
    return actor != "" and set(actor.split(" ")) <= members


def test_a_type_is_registered_once() -> None:
    with pytest.raises(ValueError, match=r"account\.created is registered twice"):
        register("account.created", "account", "Again")


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def _called(path: Path, node: ast.FunctionDef, services: Collection[tuple[Path, str]]) -> set[tuple[Path, str]]:
    """What a function calls: the one of its own file, or else those of that name anywhere."""
    names = {
        found.func.id if isinstance(found.func, ast.Name) else getattr(found.func, "attr", "")
        for found in ast.walk(node)
        if isinstance(found, ast.Call)
    }
    here = {(path, name) for name in names} & set(services)
    elsewhere = names - {name for _, name in here}
    return here | {service for service in services if service[1] in elsewhere} | {(NOWHERE, name) for name in names}


def test_every_service_that_somebody_acts_with_records_an_event() -> None:
    """By itself, or by calling one that does: whoever takes `acting` changes something."""
    services = {
        (path, node.name): node
        for app in ("bigledger/identity", *OURS)
        for path in [*ROOT.glob(f"{app}/services/**/*.py"), *ROOT.glob(f"{app}/services.py")]
        for node in _functions(path)
    }
    calls = {service: _called(service[0], node, services) for service, node in services.items()}
    recording = {(NOWHERE, "record"), (NOWHERE, "build")}
    while more := {service for service, called in calls.items() if called & recording} - recording:
        recording |= more
    acted = {
        service
        for service, node in services.items()
        if not node.name.startswith("_") and "acting" in {argument.arg for argument in node.args.kwonlyargs}
    }

    assert len(acted) > 10
    assert acted - recording == set()


def test_the_page_has_an_anchor_for_every_type(acme: Caller) -> None:
    page = Client().get("/docs/api/events")

    assert page.status_code == 200
    assert [name for name in TYPES if f'id="{name}"' not in page.content.decode()] == []
