"""Sending one request: to a judged address, in bounded time, without following anything, reading little.

The address is judged where the socket for it is made, so what was judged is what is connected to, whatever a
name resolves to at another moment. Redirects are not followed, no proxy is taken from the environment, no
cookie is kept, and no content is decoded, so that a compressed answer is never unpacked. Certificates are
checked against the machine's own store.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import AddrInfoType

from webhooks.addresses import is_allowed, is_allowed_port

TIMEOUT_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 5.0
MAX_RESPONSE_BYTES = 16 * 1024
STORED_RESPONSE_CHARACTERS = 2000
MAX_ERROR_LENGTH = 300

_REFUSED = "The host has no public address; webhooks are not sent to private, loopback or link-local addresses."


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one attempt: a status, or an error that says in a sentence why there is none."""

    status: int | None
    body: str
    error: str
    duration_milliseconds: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _guarded_socket(address: AddrInfoType) -> socket.socket:
    """The socket for one address that a name resolved to, or that the URL names itself."""
    family, kind, protocol, _, (host, port, *_) = address
    if not is_allowed(str(host)) or not is_allowed_port(int(port)):
        raise OSError(errno.EACCES, _REFUSED)  # the next address of the name is tried then
    return socket.socket(family, kind, protocol)


def session(resolver: AbstractResolver | None = None) -> aiohttp.ClientSession:
    """To be made inside an event loop. Connections are kept per scheme, host and port, never shared by names."""
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        limit=0,  # the delivery loop limits what is under way
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        socket_factory=_guarded_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


async def post(client: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """One attempt. It ends within TIMEOUT_SECONDS in every case, and raises no network errors."""
    started = time.perf_counter()
    status, text, error = None, "", ""
    try:
        status, text = await _exchange(client, url, body, headers)
    except TimeoutError:
        error = f"There was no complete answer within {TIMEOUT_SECONDS:.0f} seconds."
    except aiohttp.ClientConnectorDNSError:
        error = "The host name could not be resolved."
    except (aiohttp.ClientError, OSError, ValueError) as fault:
        error = _REFUSED if _REFUSED in str(fault) else f"The connection failed: {fault or type(fault).__name__}"
    if status is not None and not 200 <= status < 300:
        error = f"The endpoint answered {status}" + ("; redirects are not followed." if 300 <= status < 400 else ".")
    return Answer(status, text, error[:MAX_ERROR_LENGTH], round((time.perf_counter() - started) * 1000))


async def _exchange(
    client: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    received = b""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with client.post(url, data=body, headers=headers, allow_redirects=False, timeout=timeout) as response:
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > MAX_RESPONSE_BYTES:
                response.close()  # the rest is left unread
                break
        text = received[: 4 * STORED_RESPONSE_CHARACTERS].decode(errors="replace").replace("\x00", "\ufffd")
        return response.status, text[:STORED_RESPONSE_CHARACTERS]
