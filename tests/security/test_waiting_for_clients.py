"""Nobody waits for another client's network: bodies, heads, silent connections and slow readers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cast
from tests.running import api_server
from tests.security import raw
from tests.security.raw import opened, request, seconds_of, status

BODY_SECONDS = 2.0
UNREAD_SECONDS = 2.0
STALLED = ("Content-Type: application/json", "Content-Length: 1000")
FORM = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000")


@pytest.fixture(scope="module")
def base(cast: Cast) -> Iterator[str]:
    with api_server(**_impatient(), API_THREADS="4") as address:
        yield address


def _impatient(**more: object) -> dict[str, str]:
    settings = {"SERVER_BODY_SECONDS": BODY_SECONDS, "SERVER_UNREAD_SECONDS": UNREAD_SECONDS, **more}
    return {"TEST_SETTINGS": json.dumps(settings)}


def _key(cast: Cast) -> str:
    return f"Authorization: Bearer {cast.acme.api_key}"


def _others_are_served(base: str, cast: Cast) -> None:
    for wanted in (
        request("GET", "/v1/accounts?limit=1", f"Authorization: Bearer {cast.globex.api_key}"),
        request("GET", "/healthz"),
        request("GET", "/sign-in"),
    ):
        found, seconds = seconds_of(base, wanted)
        assert found == 200
        assert seconds < 1


@pytest.mark.parametrize(
    "stalled",
    [
        request("POST", "/v1/auth/token", *STALLED, body=b"{"),
        request("POST", "/oauth/token", *FORM, body=b"a"),
        request("POST", "/sign-in", *FORM, body=b"a"),
        request("POST", "/i/nothing", *FORM, body=b"a"),
        request("POST", "/invitations/nothing", *FORM, body=b"a"),
        request("POST", "/admin/tenant/", *FORM, body=b"a"),
        request("POST", "/static/bigledger/page.css", *FORM, body=b"a"),
        request("POST", "/v1/auth/token", "Transfer-Encoding: chunked", body=b"5\r\n{"),
        request("POST", "/v1/auth/token", "Content-Length: 200000", body=b"{"),
        request("POST", "/v1/documents", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 900000"),
        b"POST /v1/auth/token HT",
        b"",
    ],
    ids=lambda data: data[:40].decode().replace("\r\n", " ") or "silent",
)
def test_twelve_that_stall_keep_nobody_waiting(base: str, cast: Cast, stalled: bytes) -> None:
    with opened(base, 12, stalled):
        _others_are_served(base, cast)


def test_twelve_that_stall_with_a_good_key_keep_nobody_waiting(base: str, cast: Cast) -> None:
    for length in (1000, 4_900_000):
        with opened(base, 12, request("POST", "/v1/accounts", _key(cast), f"Content-Length: {length}", body=b"{")):
            _others_are_served(base, cast)


def test_large_bodies_of_one_tenant_leave_room_for_those_of_others(base: str, cast: Cast) -> None:
    """100 of 4.9 MB are announced by one key; a large body of another tenant is read at once."""
    body = b"[" + b" " * 2_000_000 + b"]"
    large = request(
        "POST", "/v1/accounts", f"Authorization: Bearer {cast.globex.api_key}",
        "Content-Type: application/json", f"Content-Length: {len(body)}", body=body,
    )  # fmt: skip
    with opened(base, 100, request("POST", "/v1/accounts", _key(cast), "Content-Length: 4900000", body=b"{" * 1000)):
        found, seconds = seconds_of(base, large)

    assert found == 400  # a list is no account, so it was read
    assert seconds < 1


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_is_refused_with_the_whole_envelope(base: str, framing: str) -> None:
    began = time.monotonic()
    answer = raw.Raw(base).send(request("POST", "/v1/auth/token", framing, "X-Request-ID: mine")).until_closed()

    assert status(answer) == 408
    assert BODY_SECONDS - 0.1 < time.monotonic() - began < BODY_SECONDS + 2
    head, _, body = answer.partition(raw.END)
    error = json.loads(body)["error"]
    assert (error["code"], error["request_id"]) == ("REQUEST_TIMEOUT", "mine")
    assert error["documentation_url"] == f"{base}/docs/api/errors#REQUEST_TIMEOUT"
    for line in (b"connection: close", b"x-content-type-options: nosniff", b"x-request-id: mine", b"retry-after: 1"):
        assert line in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()


def test_a_body_that_comes_slower_than_the_least_rate_is_refused(base: str, cast: Cast) -> None:
    connection = raw.Raw(base).send(request("POST", "/v1/accounts", _key(cast), "Content-Length: 100000"))
    began = time.monotonic()
    connection.socket.settimeout(0.2)
    received = b""
    while not received and time.monotonic() - began < BODY_SECONDS + 3:
        connection.send(b"{" * 100)
        try:
            received = connection.socket.recv(1000)
        except TimeoutError:
            continue

    assert status(received) == 408


def test_silent_connections_beyond_the_limit_are_shed_and_others_served(cast: Cast) -> None:
    with api_server(MAX_CONNECTIONS_PER_ADDRESS="64", **_impatient()) as base, opened(base, 1100) as silent:
        _others_are_served(base, cast)
        for one in silent[:900]:  # the longest idle go first, and all but the limit of them go
            assert one.until_closed() == b""
        _others_are_served(base, cast)


def test_a_request_in_progress_is_not_dropped_because_of_others_at_its_address(cast: Cast) -> None:
    with api_server(MAX_CONNECTIONS_PER_ADDRESS="16", **_impatient()) as base:
        framing = ("Content-Type: application/json", "Content-Length: 20")
        upload = raw.Raw(base).send(request("POST", "/v1/accounts", _key(cast), *framing, body=b"["))
        with opened(base, 60) as silent:
            for one in silent[:40]:
                assert one.until_closed() == b""
            assert status(upload.send(b" " * 18 + b"]").answer()) == 400  # a list is no account: it was read


def test_slow_readers_are_dropped(base: str, cast: Cast) -> None:
    """A page of 1.4 MB, of which they take nothing."""
    wanted = request("GET", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")
    slow = [raw.Raw(base, receive_buffer=4096).send(wanted) for _ in range(50)]
    try:
        _others_are_served(base, cast)
        deadline = time.monotonic() + UNREAD_SECONDS * 2 + 4
        while any(_is_known(one) for one in slow) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(_is_known(one) for one in slow)
    finally:
        for one in slow:
            one.close()


def _is_known(connection: raw.Raw) -> bool:
    """Whether the kernel still has the server's end of it in the established state."""
    try:
        mine, theirs = connection.socket.getsockname()[1], connection.socket.getpeername()[1]
    except OSError:  # it was reset
        return False
    with open("/proc/net/tcp") as table:  # noqa: PTH123
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{theirs:04X}") and fields[2].endswith(f":{mine:04X}") and fields[3] == "01":
                return True
    return False


def test_the_server_stops_though_bodies_are_on_their_way(cast: Cast) -> None:
    with opened_after(cast) as (stalled, began):
        pass
    assert time.monotonic() - began[0] < 5
    assert {status(one.until_closed()) for one in stalled} == {503}


class opened_after:  # noqa: N801 - reads as a function
    """A server with stalled bodies that has been told to stop when the block ends."""

    def __init__(self, cast: Cast) -> None:
        self.server = api_server()
        self.cast = cast

    def __enter__(self) -> tuple[list[raw.Raw], list[float]]:
        base = self.server.__enter__()
        stalled = request("POST", "/v1/accounts", _key(self.cast), "Content-Length: 4000000", body=b"{")
        self.connections = [
            *(raw.Raw(base).send(stalled) for _ in range(4)),
            *(raw.Raw(base).send(request("POST", "/v1/auth/token", *STALLED, body=b"{")) for _ in range(4)),
        ]
        _others_are_served(base, self.cast)
        self.began: list[float] = []
        return self.connections, self.began

    def __exit__(self, *fault: object) -> None:
        self.began.append(time.monotonic())
        self.server.__exit__(None, None, None)


def test_an_ordinary_request_makes_no_task_of_the_event_loop(cast: Cast, tmp_path: Path) -> None:
    """The shortcut is in place: `shortcut.py` names what it needs of granian, and this is that granian."""
    noted = tmp_path / "tasks"
    noted.touch()
    with api_server(target="tests.security.counting:application", TASKS=str(noted)) as base:
        assert seconds_of(base, request("GET", "/v1/accounts?limit=1", _key(cast)))[0] == 200
        json_body = ("Content-Type: application/json", "Content-Length: 2")
        assert seconds_of(base, request("POST", "/v1/accounts", _key(cast), *json_body, body=b"[]"))[0] == 400
        assert noted.read_text() == ""
        framing = ("Content-Type: application/json", "Transfer-Encoding: chunked")
        chunks = request("POST", "/v1/accounts", _key(cast), *framing, body=raw.chunked(b"[]"))
        assert seconds_of(base, chunks)[0] == 400
        assert noted.read_text() == "POST /v1/accounts\n"


def test_everything_works_without_the_shortcut(cast: Cast) -> None:
    with api_server(TEST_SETTINGS=json.dumps({"SERVER_SHORTCUT": False})) as base:
        _others_are_served(base, cast)
        answer = request("POST", "/v1/accounts", _key(cast), "Content-Length: 2", body=b"[]")
        assert seconds_of(base, answer)[0] in (400, 415)
        with opened(base, 12, request("POST", "/v1/auth/token", *STALLED, body=b"{")):
            _others_are_served(base, cast)
