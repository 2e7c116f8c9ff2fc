"""HTTP that no library sends: each connection gets one meaning, or is closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Cast
from tests.running import api_server
from tests.security.raw import END, Raw, chunked, request, status

NEXT = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: smuggled\r\n\r\n"


@pytest.fixture(scope="module")
def base(cast: Cast) -> Iterator[str]:
    with api_server() as address:
        yield address


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: +5",),
        ("Content-Length: -5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5,6",),
        ("Content-Length: 99999999999999999999",),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
        (" Transfer-Encoding: chunked",),
        ("Transfer-Encoding : chunked",),
        ("Bad Header: 1",),
    ],
)
def test_a_body_of_unclear_length_is_refused_and_the_connection_closed(base: str, headers: tuple[str, ...]) -> None:
    connection = Raw(base).send(request("POST", "/v1/auth/token", *headers, body=NEXT))
    received = connection.until_closed()

    assert status(received) >= 400
    assert b"smuggled" not in received


def test_chunks_count_and_a_length_beside_them_does_not(base: str) -> None:
    """What a proxy takes for the body must be what we take for it: the chunks, or nothing."""
    framing = ("Content-Type: application/json", "Content-Length: 3", "Transfer-Encoding: chunked")
    connection = Raw(base).send(request("POST", "/v1/auth/token", *framing, body=chunked(b'{"a": 1}')))
    received = connection.answer()

    assert status(received) == 400


def test_pipelined_requests_are_answered_in_order(base: str) -> None:
    names = ("one", "two", "three")
    data = b"".join(request("GET", "/healthz", f"X-Request-ID: {name}") for name in names)
    connection = Raw(base).send(data + request("GET", "/healthz", "Connection: close"))
    received = connection.until_closed()

    assert [received.find(f"x-request-id: {name}".encode()) > 0 for name in names] == [True] * 3
    assert received.find(b": one") < received.find(b": two") < received.find(b": three")


def test_head_has_the_headers_and_no_body(base: str) -> None:
    head = Raw(base).send(request("HEAD", "/sign-in", "Connection: close")).until_closed()
    page = Raw(base).send(request("GET", "/sign-in", "Connection: close")).until_closed()

    assert status(head) == 200
    assert head.partition(END)[2] == b""
    assert b"content-type: text/html" in head.lower() and len(page.partition(END)[2]) > 500


def test_expect_100_continue(base: str) -> None:
    small = ("Expect: 100-continue", "Content-Type: application/json", "Content-Length: 2")
    connection = Raw(base).send(request("POST", "/v1/auth/token", *small))
    assert status(connection.answer()) == 100
    assert status(connection.send(b"{}").answer()) == 400

    large = Raw(base).send(request("POST", "/v1/auth/token", "Expect: 100-continue", "Content-Length: 900000000"))
    assert status(large.answer()) == 413  # before a byte of it was sent


def test_a_refused_credential_is_answered_before_its_large_body(base: str) -> None:
    headers = ("Authorization: Bearer blg_sandbox_nobody", "Content-Length: 4900000", "Content-Type: application/json")
    received = Raw(base).send(request("POST", "/v1/accounts", *headers)).answer()

    assert status(received) == 401
    assert b"connection: close" in received.lower()


def test_a_header_with_an_underscore_is_not_its_hyphened_twin(base: str, cast: Cast) -> None:
    received = Raw(base).send(request("GET", "/v1/accounts", "X_Request_ID: a", "X-Request-ID: b")).answer()

    assert b"x-request-id: b\r\n" in received.lower()


def test_the_host_of_an_absolute_address_counts(base: str) -> None:
    absolute = b"GET http://localhost/healthz?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert status(Raw(base).send(absolute).until_closed()) == 200


@pytest.mark.parametrize(
    "path", ["/v1/%ff", "/v1/%00", "/v1/..%2f..%2fetc/passwd", "/static/../manage.py", "/é", "/%c3%a9"]
)
def test_odd_paths_are_nothing(base: str, path: str) -> None:
    received = Raw(base).send(request("GET", path, "Connection: close")).until_closed()
    assert status(received) in (400, 401, 404)


@pytest.mark.parametrize("line", [b"GET", b"GET /", b"GET / HTTP/3.0", b"\x16\x03\x01\x02\x00", b"PRI * HTTP/2.0"])
def test_a_malformed_request_is_closed(base: str, line: bytes) -> None:
    received = Raw(base).send(line + END).until_closed()
    assert received == b"" or status(received) in (400, 505)


def test_a_head_without_end_is_refused(base: str) -> None:
    received = Raw(base).send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 100_000).until_closed()
    assert received == b"" or status(received) in (400, 431)
