"""A request as granian's RSGI describes it, as a WSGI environ."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import IO, Any, Protocol, TypeAlias

from bigledger import errors

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
WsgiApplication: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_MOST_NAMES = 1000
_BLOCK_BYTES = 65536
# What a header with letters outside ASCII may lack without its request meaning something else.
_MAY_BE_LOST = frozenset({"cookie", "referer", "user-agent"})


class Headers(Protocol):
    """granian's, with lower-case names."""

    def __contains__(self, key: str) -> bool: ...
    def keys(self) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...
    def get(self, key: str, default: Any = None) -> Any: ...


class Scope(Protocol):
    """granian's description of a request; `client` and `server` are `address:port`."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Headers: ...


class SentFile:
    """`wsgi.file_wrapper`: a file on the disk, which granian sends itself, as fast as the client takes it."""

    def __init__(self, file: IO[bytes], block_size: int = _BLOCK_BYTES) -> None:
        self.file = file
        self.close = file.close

    def __iter__(self) -> Iterable[bytes]:
        return iter(lambda: self.file.read(_BLOCK_BYTES), b"")


_BASE: Environ = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": SentFile,
}
# From a header's name to the environ's; None for those that are no header there. A name with an underscore would be
# taken for the hyphened one, which a proxy may have set.
_names: dict[str, str | None] = {"content-type": "CONTENT_TYPE", "content-length": None, "transfer-encoding": None}


def _name(header: str) -> str | None:
    name = None if "_" in header else f"HTTP_{header.upper().replace('-', '_')}"
    if len(_names) < _MOST_NAMES:
        _names[header] = name
    return name


def environ_of(scope: Scope, body: bytes) -> Environ:
    """Raises ValidationFailed for a header that granian drops because it is not ASCII."""
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        **_BASE,
        "REQUEST_METHOD": scope.method,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "PATH_INFO": _bytes_as_latin(scope.path),
        "QUERY_STRING": _bytes_as_latin(scope.query_string),
        "REMOTE_ADDR": address_of(scope.client),
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "bigledger.body": body,
        "CONTENT_LENGTH": str(len(body)) if body else "",
    }
    headers = scope.headers
    given = headers.items()
    different = 0
    for header, value in given:
        try:
            name = _names[header]
        except KeyError:
            name = _name(header)
        if name is None or name not in environ:
            different += 1
            if name is not None:
                environ[name] = value
        else:
            environ[name] = f"{environ[name]}{';' if header == 'cookie' else ','}{value}"
    if len(names := headers.keys()) > different:
        _refuse_what_was_lost(names, given)
    if scope.authority:  # an absolute address in the request line counts, and not Host
        environ["HTTP_HOST"] = scope.authority
    return environ


def _bytes_as_latin(text: str) -> str:
    return text if text.isascii() else text.encode().decode("latin-1")


def address_of(client: str) -> str:
    """`address:port` without its port."""
    return client.rpartition(":")[0].strip("[]")


def _refuse_what_was_lost(names: Iterable[str], given: Iterable[tuple[str, str]]) -> None:
    lost = set(names) - {name for name, _ in given} - _MAY_BE_LOST
    if lost:
        raise errors.ValidationFailed.at(min(lost), "A header must be ASCII.", "invalid_characters")
