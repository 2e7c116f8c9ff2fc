"""Which hosts webhooks may go to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from django.test import override_settings

from tests.conftest import Caller
from tests.running import STRONG_KEY
from tests.webhooks.conftest import ReceiverProcess
from webhooks import addresses, transport

NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:53aa:64c::1", "::127.0.0.1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://[::1]:8000/", "https://169.254.169.254/latest/meta-data", "http://2130706433/",
        "http://0x7f.1/", "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1%25eth0]/",
        "ftp://example.com/", "file:///etc/passwd", "https://", "https:///path", "example.com", "//example.com",
        "https://user@example.com/", "https://user:secret@example.com/", "https://example.com/#part",
        "https://example.com:0/", "https://example.com:99999/", "https://exa mple.com/", "https://ex\u00e4mple.com/",
        "https://example.com\\@127.0.0.1/", "https://example.com/\r\nX-Injected: 1", "https://[not-an-address]/", "",
    ],
)  # fmt: skip
@override_settings(WEBHOOKS_ALLOW_PRIVATE=False)
def test_a_url_that_could_reach_inside_is_not_registered(acme: Caller, url: str) -> None:
    refused = acme.post("/v1/webhook-endpoints", {"url": url, "events": ["*"]})

    assert (refused.status, refused.fields) == (400, ["url"])
    assert acme.get("/v1/webhook-endpoints").body["meta"]["total"] == 0


@override_settings(IS_SANDBOX=False, WEBHOOKS_ALLOW_PRIVATE=False)
def test_outside_the_sandbox_only_https_is_registered(acme: Caller) -> None:
    refused = acme.post("/v1/webhook-endpoints", {"url": "http://example.com/", "events": ["*"]})

    assert refused.error["details"] == [
        {"field": "url", "code": "invalid", "message": "Must be a URL that begins with https://."}
    ]
    assert acme.post("/v1/webhook-endpoints", {"url": "https://example.com/", "events": ["*"]}).status == 201


class Names(AbstractResolver):
    """A resolver that gives these addresses, one after another."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        found = self.addresses.pop(0)
        return [ResolveResult(hostname=host, host=found, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def _post(url: str, names: AbstractResolver | None = None) -> transport.Answer:
    async def post() -> transport.Answer:
        async with transport.session(names) as client:
            return await transport.post(client, url, b"{}", {"Content-Type": "application/json"})

    return asyncio.run(post())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
@override_settings(WEBHOOKS_ALLOW_PRIVATE=False)
def test_a_name_is_judged_by_its_address_when_connecting(receiver: ReceiverProcess, host: str) -> None:
    answer = _post(f"http://{host}:{receiver.port}/ok")

    assert (answer.status, answer.is_success) == (None, False)
    assert (
        answer.error
        == "The host has no public address; webhooks are not sent to private, loopback or link-local addresses."
    )
    assert receiver.receipts == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
@override_settings(WEBHOOKS_ALLOW_PRIVATE=False)
def test_an_address_in_an_unusual_form_gets_no_further(receiver: ReceiverProcess, host: str) -> None:
    answer = _post(f"http://{host}:{receiver.port}/ok")

    assert (answer.status, answer.error != "") == (None, True)
    assert receiver.receipts == []


@override_settings(WEBHOOKS_ALLOW_PRIVATE=False)
def test_a_name_that_changes_its_address_is_judged_at_each_connection(
    receiver: ReceiverProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == "127.0.0.1")
    names = Names("127.0.0.1", "127.0.0.2")
    url = f"http://rebinding.example:{receiver.port}/ok"

    reached, refused = _post(url, names), _post(url, names)

    assert (reached.status, refused.status) == (200, None)
    assert refused.error.startswith("The host has no public address")
    # One look-up for each connection: there is no second one between judging and connecting.
    assert (len(receiver.receipts), names.addresses) == (1, [])


@override_settings(WEBHOOKS_ALLOW_PRIVATE=True)
def test_the_sandbox_may_reach_its_own_machine(receiver: ReceiverProcess) -> None:
    answer = _post(f"http://localhost:{receiver.port}/redirect", Names("127.0.0.1"))

    assert answer.status == 302


def test_a_name_that_does_not_exist_is_a_clear_error() -> None:
    assert _post("http://nowhere.invalid/").error == "The host name could not be resolved."


def test_plain_http_on_the_other_side_of_https_is_a_clear_error(receiver: ReceiverProcess) -> None:
    answer = _post(f"https://127.0.0.1:{receiver.port}/ok")

    assert answer.status is None
    assert answer.error.startswith("The connection failed: ")
    assert receiver.receipts == []


@pytest.mark.parametrize("path", ["/slow", "/hang"])
def test_a_slow_answer_is_cut_off(receiver: ReceiverProcess, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 1.0)

    answer = _post(receiver.url(path))

    assert (answer.status, answer.error) == (None, "There was no complete answer within 1 seconds.")
    assert 1000 <= answer.duration_milliseconds < 5000


def test_private_addresses_are_refused_by_default_outside_the_sandbox() -> None:
    import os
    import subprocess
    import sys

    env = os.environ | {
        "BIGLEDGER_ENVIRONMENT": "production",
        "SECRET_KEY": STRONG_KEY,
        "ALLOWED_HOSTS": "api.example.com",
        "DJANGO_SETTINGS_MODULE": "bigledger.settings",
    }
    program = "from bigledger import settings; print(settings.WEBHOOKS_ALLOW_PRIVATE)"
    shown = [
        subprocess.run([sys.executable, "-c", program], env=env | extra, capture_output=True, text=True, check=True)
        for extra in ({}, {"BIGLEDGER_ENVIRONMENT": "sandbox"})
    ]

    assert [one.stdout.strip() for one in shown] == ["False", "True"]
