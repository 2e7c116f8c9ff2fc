"""An answer that holds a secret is marked by the type of its body; no view can forget it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from msgspec import UNSET, Struct

from bigledger.api.bodies import Body, Secret, secret_fields, shows_secret
from bigledger.api.bulk import BulkBody, BulkResult, BulkSummary
from tests.access.test_permissions import VIEWS
from tests.conftest import Answer, Caller
from tests.security.people import member, sign_in

LOOKS_SECRET = re.compile(r"secret$|^key$|password|^token$|^access$|^refresh$|private|^digest$|card_number")
HOOK = {"url": "https://example.com/hooks", "events": ["account.created"]}
APPLICATION = {"name": "App", "redirect_uris": ["https://yourapp.com/callback"]}


def _bodies(kind: type[Struct] = Struct) -> Iterator[type[Struct]]:
    for found in kind.__subclasses__():
        if not found.__module__.startswith("tests"):
            yield found
            yield from _bodies(found)


def _given() -> Iterator[tuple[str, type[Struct]]]:
    """What every operation says that it gives."""
    for path, pattern in VIEWS:
        view = pattern.callback.cls  # type: ignore[attr-defined]
        for name in vars(view):
            operation = getattr(getattr(view, name), "operation", None)
            if operation is not None and operation.gives:
                yield f"{path} {name}", operation.gives


def test_every_field_that_looks_like_a_secret_is_marked_as_one() -> None:
    answered = {kind for _, kind in _given()} | set(_bodies(Body))
    unmarked = {
        (kind.__name__, name)
        for kind in answered
        for name in kind.__struct_fields__
        if LOOKS_SECRET.search(name) and name not in secret_fields(kind)
    }

    assert len(answered) > 20
    assert unmarked == set()


class _Inner(Struct):
    code: Secret


class _Outer(Body):
    id: str
    inner: _Inner | None = None
    several: list[_Inner] = []
    own: Secret | None = None


def test_a_secret_is_found_however_deep_and_only_where_there_is_one() -> None:
    assert not shows_secret(_Outer("x"))
    assert shows_secret(_Outer("x", own="s"))
    assert shows_secret(_Outer("x", inner=_Inner("s")))
    assert shows_secret(_Outer("x", several=[_Inner("s")]))
    assert shows_secret({"data": [_Outer("x", own="s")]})
    assert not shows_secret({"data": [_Outer("x")], "meta": {"total": 1}})
    assert not shows_secret(UNSET)
    assert shows_secret(BulkBody([BulkResult(0, "create", 201, data=_Outer("x", own="s"))], BulkSummary(1, 1, 0)))
    assert not shows_secret(BulkBody([BulkResult(0, "create", 201, data=_Outer("x"))], BulkSummary(1, 1, 0)))


def _rotated(path: str, body: dict[str, Any], *, on: str) -> Callable[[Caller], Answer]:
    def act(caller: Caller) -> Answer:
        made = caller.post(path, body).body
        return caller.post(f"{path}/{made['id']}/{on}", idempotency_key="secret")

    return act


def _made(path: str, body: dict[str, Any]) -> Callable[[Caller], Answer]:
    return lambda caller: caller.post(path, body, idempotency_key="secret")


ANSWERS: dict[str, Callable[[Caller], Answer]] = {
    "api-keys create": _made("/v1/api-keys", {"name": "x", "scopes": ["read"]}),
    "kiosk-links create": _made("/v1/kiosk-links", {"name": "x"}),
    "signing-secrets create": _made("/v1/signing-secrets", {}),
    "oauth-applications create": _made("/v1/oauth-applications", APPLICATION),
    "oauth-applications rotate_secret": _rotated("/v1/oauth-applications", APPLICATION, on="rotate-secret"),
    "webhook-endpoints create": _made("/v1/webhook-endpoints", HOOK),
    "webhook-endpoints rotate_secret": _rotated("/v1/webhook-endpoints", HOOK, on="rotate-secret"),
}
# Whoever asks for a token has no credential yet, so no idempotency key either; a change of an endpoint shows none.
OTHERS = {"auth issue", "auth refresh", "webhook-endpoints partial_update"}


def test_every_operation_that_can_answer_with_a_secret_is_tried_here() -> None:
    found = {
        f"{where.split('/')[0].split(' ')[0]} {where.split(' ')[-1]}" for where, kind in _given() if secret_fields(kind)
    }

    assert found == set(ANSWERS) | OTHERS


@pytest.mark.parametrize("operation", ANSWERS)
def test_it_is_kept_by_nobody_on_the_way_and_in_ciphertext_here(acme: Caller, operation: str) -> None:
    answer = ANSWERS[operation](acme)

    secret = next(answer.body[name] for name in ("key", "secret", "client_secret", "url") if name in answer.body)
    assert answer.response["Cache-Control"] == "no-store"
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotencykey WHERE key = 'secret'")
        (kept,) = cursor.fetchall()
    assert secret.encode() not in bytes(kept[0])


def test_it_is_replayed_with_the_same_mark(acme: Caller) -> None:
    first, again = (acme.post("/v1/webhook-endpoints", HOOK, idempotency_key="hook") for _ in range(2))

    assert (again.text, again.response["Idempotent-Replayed"]) == (first.text, "true")
    assert again.response["Cache-Control"] == "no-store"
    assert "Cache-Control" not in acme.get(f"/v1/webhook-endpoints/{first.body['id']}").response


def test_a_rehearsed_secret_is_marked_too(acme: Caller) -> None:
    shown = acme.post("/v1/api-keys?validate_only=true", {"name": "x", "scopes": ["read"]})

    assert (shown.status, shown.response["Cache-Control"]) == (200, "no-store")


def test_tokens_that_are_issued_are_marked(acme: Caller) -> None:
    member(acme, "boss@acme.example", "owner")
    pair = sign_in("boss@acme.example")

    assert pair.response["Cache-Control"] == "no-store"
