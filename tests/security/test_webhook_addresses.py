"""Kind: requests to addresses inside a network, made for whoever can register a webhook."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from django.test import override_settings

from tests.conftest import Caller
from tests.webhooks.conftest import ReceiverProcess, receiver  # noqa: F401 - a fixture
from tests.webhooks.test_addresses import Names, _post
from webhooks import address_blocks, addresses

PRIVATE = ["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "172.16.9.1", "192.168.0.7", "fd12:3456::1", "::ffff:10.0.0.1"]
NEVER = [
    "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "feff::9", "fd00:ec2::254",
    "fd00:ec2::23", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3", "::",
    "255.255.255.255", "224.0.0.1", "239.1.2.3", "ff02::1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
    "::ffff:100.100.100.200", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:a9fe:a9fe::1", "2002:7f00:1::",
    "2001:0:53aa:64c::1", "::127.0.0.1", "::10.0.0.1",
]  # fmt: skip
OTHERWISE_NOT_PUBLIC = [
    "100.64.0.1",
    "192.0.0.8",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "5f00::1",
    "1234::1",
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "11.0.0.1", "172.32.0.1"]
# What is reached, by setting.
OWN_MACHINE = {"WEBHOOKS_ALLOW_PRIVATE": True, "WEBHOOKS_ALLOWED_NETWORKS": []}
DEPLOYED = {"WEBHOOKS_ALLOW_PRIVATE": False, "WEBHOOKS_ALLOWED_NETWORKS": []}
EVERYTHING = [ipaddress.ip_network(text) for text in ("0.0.0.0/0", "::/0")]
LISTED = {"WEBHOOKS_ALLOW_PRIVATE": True, "WEBHOOKS_ALLOWED_NETWORKS": EVERYTHING}


@pytest.mark.parametrize("settings", [OWN_MACHINE, DEPLOYED, LISTED], ids=["own machine", "deployed", "listed"])
def test_metadata_and_link_local_are_reached_by_no_setting(settings: dict[str, Any]) -> None:
    with override_settings(**settings):
        assert [address for address in NEVER if addresses.is_allowed(address)] == []


@pytest.mark.parametrize("environment", [True, False])
def test_private_addresses_are_for_ones_own_machine(environment: bool) -> None:
    with override_settings(**OWN_MACHINE, IS_SANDBOX=environment):
        assert [address for address in PRIVATE if not addresses.is_allowed(address)] == []
        assert [address for address in OTHERWISE_NOT_PUBLIC if addresses.is_allowed(address)] == []
    with override_settings(**DEPLOYED, IS_SANDBOX=environment):
        assert [address for address in PRIVATE + OTHERWISE_NOT_PUBLIC if addresses.is_allowed(address)] == []
        assert [address for address in PUBLIC if not addresses.is_allowed(address)] == []


@override_settings(WEBHOOKS_ALLOW_PRIVATE=False, WEBHOOKS_ALLOWED_NETWORKS=[ipaddress.ip_network("10.1.0.0/16")])
def test_a_listed_network_is_reached_and_its_neighbours_are_not() -> None:
    found = {
        address: addresses.is_allowed(address) for address in ("10.1.9.9", "::ffff:10.1.0.1", "10.2.0.1", "127.0.0.1")
    }

    assert found == {"10.1.9.9": True, "::ffff:10.1.0.1": True, "10.2.0.1": False, "127.0.0.1": False}


def test_every_row_of_the_registries_is_refused() -> None:
    assert len(address_blocks.SPECIAL) == 51
    for network in (*address_blocks.SPECIAL, *address_blocks.MULTICAST, *address_blocks.NEVER):
        ends = {
            network.network_address,
            network.broadcast_address,
            network.network_address + (network.num_addresses // 2),
        }
        if network == ipaddress.ip_network("::ffff:0:0/96"):
            continue  # judged by what is inside, see PUBLIC
        assert [end for end in ends if addresses.is_public(end)] == [], network


def test_addresses_that_python_calls_private_are_refused_too() -> None:
    """The machine's own table may know of more; it never knows of less that is public."""
    for text in [*PRIVATE, *NEVER, *OTHERWISE_NOT_PUBLIC, *PUBLIC]:
        address = ipaddress.ip_address(text.partition("%")[0])
        inner = getattr(address, "ipv4_mapped", None) or address
        assert not addresses.is_public(address) or inner.is_global, text


@pytest.mark.parametrize("address", NEVER)
def test_such_an_address_is_refused_when_the_endpoint_is_made(acme: Caller, address: str) -> None:
    """In the sandbox on one's own machine, where private addresses are allowed."""
    host = f"[{address.replace('%', '%25')}]" if ":" in address else address
    refused = acme.post("/v1/webhook-endpoints", {"url": f"http://{host}/latest", "events": ["*"]})

    assert (refused.status, refused.fields) == (400, ["url"])
    assert acme.get("/v1/webhook-endpoints").body["meta"]["total"] == 0


def test_a_name_is_judged_by_its_current_addresses(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"metadata.example": ["169.254.169.254", "fe80::1"], "mixed.example": ["169.254.169.254", "93.184.215.14"]}

    def resolve(host: str, *_: Any, **__: Any) -> Any:
        if host not in names:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in names[host]]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)
    answers = {
        host: acme.post("/v1/webhook-endpoints", {"url": f"https://{host}/", "events": ["*"]})
        for host in ("metadata.example", "mixed.example", "unknown.example")
    }

    assert {host: answer.status for host, answer in answers.items()} == {
        "metadata.example": 400, "mixed.example": 201, "unknown.example": 201,
    }  # fmt: skip
    made = answers["unknown.example"].body["id"]
    assert acme.patch(f"/v1/webhook-endpoints/{made}", {"url": "https://metadata.example/"}).status == 400
    assert acme.get(f"/v1/webhook-endpoints/{made}").body["url"] == "https://unknown.example/"


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "100.100.100.200", "168.63.129.16"])
def test_a_name_that_changes_afterwards_is_refused_at_the_socket(
    receiver: ReceiverProcess,  # noqa: F811
    address: str,
) -> None:
    answer = _post(f"http://rebinding.example:{receiver.port}/ok", Names(address))

    assert answer.status is None
    assert answer.error.startswith("The host has no public address")
    assert receiver.receipts == []


@pytest.mark.parametrize("port", [1, 21, 22, 25, 53, 111, 143, 445, 587, 993, 1023])
@override_settings(WEBHOOKS_ALLOW_PRIVATE=False)
def test_ports_of_other_services_are_refused(acme: Caller, port: int) -> None:
    refused = acme.post("/v1/webhook-endpoints", {"url": f"https://example.com:{port}/", "events": ["*"]})

    assert refused.error["details"][0]["message"] == "Must use port 80, port 443 or a port from 1024 up."
    assert _post(f"http://named.example:{port}/", Names("93.184.215.14")).error.startswith("The host has no public")


@pytest.mark.parametrize(
    ("environment", "host", "given", "expected"),
    [
        ("sandbox", "127.0.0.1", None, "True"),
        ("sandbox", "localhost", None, "True"),
        ("sandbox", "::1", None, "True"),
        ("sandbox", "0.0.0.0", None, "False"),
        ("sandbox", "10.0.0.5", None, "False"),
        ("sandbox", "::", None, "False"),
        ("sandbox", "api-sandbox.example.com", None, "False"),
        ("production", "127.0.0.1", None, "False"),
        ("production", "127.0.0.1", "true", "True"),
    ],
)
def test_the_default_follows_where_the_server_listens(
    environment: str, host: str, given: str | None, expected: str
) -> None:
    assert (
        _shown({"BIGLEDGER_ENVIRONMENT": environment, "HOST": host, "WEBHOOKS_ALLOW_PRIVATE": given or ""}) == expected
    )


def test_an_invalid_list_is_refused_at_the_start() -> None:
    assert "must hold networks such as 10.1.0.0/16" in _shown({"WEBHOOKS_ALLOWED_NETWORKS": "10.1.0.0/16,intranet"})


def _shown(variables: dict[str, str]) -> str:
    env = os.environ | {"SECRET_KEY": os.urandom(32).hex(), "ALLOWED_HOSTS": "api.example.com"} | variables
    env = {name: value for name, value in env.items() if value}
    program = "from bigledger.settings import environment as e; print(e.WEBHOOKS_ALLOW_PRIVATE)"
    found = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    return found.stdout.strip() or found.stderr.strip()
