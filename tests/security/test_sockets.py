"""The sockets' port: the same care as the API's, for who stalls, lies, repeats or has lost the right."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from django.db.models.functions import Now

from bigledger.access.models import ApiKey
from bigledger.access.services import add_api_key, get_or_create_user
from bigledger.server import serving
from bigledger.tenants.context import tenant_context
from tests.conftest import Cast, make_tenant
from tests.running import api_server
from tests.security.raw import Raw, opened, request, seconds_of, status

HANDSHAKE = (
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip


@pytest.fixture(scope="module")
def base(cast: Cast) -> Iterator[str]:
    with api_server(
        target="bigledger.asgi:application", arguments=serving.SOCKET_ARGUMENTS, ready="/healthz"
    ) as address:
        yield address


def _talk(base: str, script: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with aiohttp.ClientSession() as session:
            return await asyncio.wait_for(script(session), 20)

    return asyncio.run(run())


def _said(base: str, messages: list[Any], key: str = "") -> tuple[int, Any]:
    """Sends these, and gives the kind and the data of the first answer."""

    async def script(session: aiohttp.ClientSession) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with session.ws_connect(f"{base}/v1", headers=headers) as socket:
            for message in messages:
                await socket.send_str(message if isinstance(message, str) else json.dumps(message))
            answer = await socket.receive()
            return int(answer.type), answer.data

    found: tuple[int, Any] = _talk(base, script)
    return found


def test_a_good_credential_opens_it_and_a_bad_one_closes_it(base: str, cast: Cast) -> None:
    ready = json.loads(_said(base, [], cast.acme.api_key)[1])
    assert (ready["type"], ready["tenant"]) == ("ready", str(cast.acme.tenant.id))
    assert _said(base, [{"type": "auth", "token": "blg_sandbox_no"}])[1] == 4401


def test_a_long_message_of_a_stranger_is_refused(base: str) -> None:
    assert _said(base, ["x" * 20_000])[1] == 1009


def test_another_host_is_refused(cast: Cast) -> None:
    with api_server(
        target="bigledger.asgi:application", arguments=serving.SOCKET_ARGUMENTS, ready="/healthz",
        TEST_SETTINGS=json.dumps({"ALLOWED_HOSTS": ["127.0.0.1"]}),
    ) as base:  # fmt: skip
        assert status(Raw(base).send(request("GET", "/v1", *HANDSHAKE)).answer()) == 403
        assert status(Raw(base).send(request("GET", "/healthz", "Connection: close")).until_closed()) == 400


def test_stalled_handshakes_and_silent_sockets_keep_nobody_waiting(base: str, cast: Cast) -> None:
    for stalled in (b"", b"GET /v1 HT", request("GET", "/v1", *HANDSHAKE), request("GET", "/v1", *HANDSHAKE) + b"\x81"):
        with opened(base, 12, stalled):
            began = time.monotonic()
            assert seconds_of(base, request("GET", "/healthz"))[1] < 1
            assert "ready" in _said(base, [], cast.acme.api_key)[1]
            assert time.monotonic() - began < 2


def test_strangers_of_one_address_have_a_bounded_number_of_sockets(base: str, cast: Cast) -> None:
    async def script(session: aiohttp.ClientSession) -> Any:
        open_ = [await session.ws_connect(f"{base}/v1") for _ in range(33)]
        return (await open_[-1].receive()).data

    assert _talk(base, script) == 4429


def test_a_plan_bounds_the_sockets_of_its_tenant(base: str, committed: None) -> None:
    free = make_tenant("Sockets", plan="free")

    async def script(session: aiohttp.ClientSession) -> list[Any]:
        headers = {"Authorization": f"Bearer {free.api_key}"}
        open_ = [await session.ws_connect(f"{base}/v1", headers=headers) for _ in range(6)]
        return [(await one.receive()).data for one in open_]

    answers = _talk(base, script)
    assert sorted("ready" in str(one) for one in answers) == [False] + [True] * 5
    assert 4429 in answers


def test_a_revoked_credential_closes_its_socket_within_five_seconds(base: str, committed: None) -> None:
    caller = make_tenant("Revoked")
    with tenant_context(caller.tenant):
        user = get_or_create_user(email="owner@revoked.example")
        key, text = add_api_key(user=user, name="short", scopes=("read",))

    async def script(session: aiohttp.ClientSession) -> tuple[int | None, float]:
        async with session.ws_connect(f"{base}/v1", headers={"Authorization": f"Bearer {text}"}) as socket:
            assert "ready" in (await socket.receive()).data
            await asyncio.to_thread(_revoke, caller.tenant, key)
            began = time.monotonic()
            await socket.receive()
            return socket.close_code, time.monotonic() - began

    code, seconds = _talk(base, script)
    assert code == 4401
    assert seconds < 5.5


def _revoke(tenant: Any, key: Any) -> None:
    with tenant_context(tenant):
        assert ApiKey.objects.filter(id=key.id).update(revoked_at=Now()) == 1


def test_the_health_page_has_the_security_headers(base: str) -> None:
    answer = Raw(base).send(request("GET", "/healthz", "Connection: close")).until_closed().lower()
    assert b"x-content-type-options: nosniff" in answer
    assert b"content-security-policy: default-src 'none'" in answer
