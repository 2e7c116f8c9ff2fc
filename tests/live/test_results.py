"""What subscriptions show: computed once for all who ask the same, from the event as it is frozen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bigledger import exact_json
from bigledger.access.models import Role
from bigledger.events.models import Event
from bigledger.events.registry import event_types
from bigledger.graphql.context import Context
from bigledger.graphql.declared import EVERY_EVENT
from bigledger.graphql.execution import Answer, ask
from bigledger.graphql.subscribing import subscribed
from bigledger.live import documents
from bigledger.live.channels import scope_of
from bigledger.live.documents import Document, Results, Watched
from bigledger.live.log import LogEvent
from bigledger.schema import SCHEMA
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller, number_events
from tests.events.test_registry import RAISES

TYPED = sorted(name for name, one in SCHEMA.subscriptions.items() if one.event != EVERY_EVENT)


def logged(caller: Caller, type_: str) -> LogEvent:
    """The first event of this type, once `RAISES` has raised it."""
    RAISES[type_](caller)
    number_events(caller)
    with tenant_context(caller.tenant):
        return LogEvent(Event.objects.filter(type=type_).order_by("seq")[0])


@pytest.mark.parametrize("name", TYPED)
def test_a_payload_reads_back_as_the_body_that_was_frozen(acme: Caller, name: str) -> None:
    declared = SCHEMA.subscriptions[name]

    event = logged(acme, declared.event)

    ((key, body),) = msgspec.json.decode(event.body.data, type=dict[str, declared.of.body]).items()
    assert exact_json.encode({key: body}) == bytes(event.body.data)


def watched(caller: Caller, text: str, **variables: Any) -> Watched:
    document = Document(text, variables, None)
    with tenant_context(caller.tenant):
        found = subscribed(ask(SCHEMA, text, variables), Context(caller.principal, "req_1"))
    return Watched(found, document.key(), frozenset({found.declared.event}), None)


def test_a_payload_of_an_older_form_is_read_anew(acme: Caller) -> None:
    event = logged(acme, "account.updated")
    ((key, body),) = exact_json.decode(bytes(event.body.data)).items()
    del body["normal_balance"]
    event.body.data = msgspec.Raw(exact_json.encode({key: body}))
    one = watched(acme, "subscription ($id: ID!) { accountUpdated(id: $id) { name normalBalance } }", id=body["id"])

    with tenant_context(acme.tenant):
        answer = one.subscribed.answer(Context(acme.principal, "req_1"), event.body)

    assert answer.body["data"]["accountUpdated"]["normalBalance"] in ("DEBIT", "CREDIT")


def test_a_result_is_computed_once_for_all_who_see_the_same(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    event = logged(acme, "invoice.created")
    one = watched(acme, "subscription { invoiceCreated { id } }")
    other = watched(acme, "subscription { invoiceCreated { total } }")
    computed: list[tuple[Any, ...]] = []

    def answered(asked: Watched, event: LogEvent, principal: Any) -> Answer:
        computed.append((asked.key, event.seq, principal.role))
        return Answer({"data": {}}, 200)

    monkeypatch.setattr(documents, "_answered", answered)
    viewer = replace(acme.principal, role=Role.VIEWER)
    made_elsewhere = replace(acme.principal, credential="key_other")

    async def script() -> list[str]:
        results = Results()
        asked = [
            (asked, principal)
            for asked in (one, other)
            for principal in (acme.principal, made_elsewhere, viewer)
            for _ in range(50)
        ]
        return await asyncio.gather(*(results.of(asked, event, principal) for asked, principal in asked))

    found = asyncio.run(script())

    assert set(found) == {f'{{"data":{{}},"extensions":{{"seq":{event.seq}}}}}'}
    assert len(found) == 300
    assert sorted(computed) == sorted(
        (asked.key, event.seq, role) for asked in (one, other) for role in (acme.principal.role, Role.VIEWER)
    )


def test_few_bytes_of_results_are_kept(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    event = logged(acme, "invoice.created")
    one = watched(acme, "subscription { invoiceCreated { id } }")
    monkeypatch.setattr(documents, "_answered", lambda *_: Answer({"data": "x" * 100_000}, 200))
    monkeypatch.setattr(documents, "_MOST_BYTES_KEPT", 1_000_000)

    async def script() -> tuple[int, int]:
        results = Results()
        for seq in range(40):
            event.seq = seq
            await results.of(one, event, acme.principal)
            await asyncio.sleep(0)  # what is to be done at the end of a task is done
        return len(results._made), results._bytes

    kept, size = asyncio.run(script())

    assert kept == 9
    assert size < 1_000_000


def test_every_event_needs_the_scope_of_its_resource() -> None:
    """One whose resource has no scope of its own is for those who may read the whole log."""
    assert {one.name for one in event_types() if scope_of(one) == "events"} == {"mail.failed"}
    assert {name: scope_of(one) for one in event_types() if (name := one.name) in SCOPES} == SCOPES


SCOPES = {
    "journal_entry.posted": "journal_entries", "invoice.sent": "invoices", "payment.applied": "payments",
    "credit_note.applied": "credit_notes", "sales_settings.updated": "sales_settings", "tenant.updated": "tenant",
    "member.invited": "members", "api_key.created": "api_keys", "webhook_endpoint.created": "webhook_endpoints",
}  # fmt: skip
