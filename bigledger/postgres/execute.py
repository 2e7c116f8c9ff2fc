"""Statements on the path of every request, without the ORM's wrapping, on the ORM's connection and transaction.

How they go to the server is the backend's matter: by Django's cursor, or faster (`bigledger.postgres.fast`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import utils

from bigledger.postgres.backend.base import connected
from bigledger.postgres.statement import Call, Opening, Statement


def fetch_all(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, using: str = "default"
) -> list[tuple[Any, ...]]:
    """All rows of one statement. Database errors arrive as Django's (`django.db.IntegrityError` …)."""
    return connected(using).fetch_all(sql, params)


def fetch_one(sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, using: str = "default") -> tuple[Any, ...]:
    """The one row of a statement that always has one."""
    rows = fetch_all(sql, params, using=using)
    if len(rows) != 1:
        raise utils.DatabaseError(f"expected one row, got {len(rows)}")
    return rows[0]


def fetch_in_batches(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, size: int = 500, using: str = "default"
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of one statement, `size` at a time and all as of its beginning, for what does not fit into memory.

    Only inside a transaction, whose cursor it is: so it needs no session and works behind a pooler.
    """
    return connected(using).fetch_in_batches(sql, params, size)


def fetch_numbers(statement: Statement, params: Sequence[object], *, using: str) -> list[int | None]:
    """The one row of whole numbers of a statement, for what every request waits for."""
    return connected(using).fetch_numbers(statement, params)


def call(statement: Statement, *arguments: bytes, using: str = "default") -> bytes:
    """The one text that a statement of texts gives back: JSON in, JSON out, on the path of every request.

    No row and NULL give no text. The first call of a transaction opens it, in the same round trip on the hot path.
    """
    return connected(using).call(statement, arguments) or b""


def call_and_commit(statement: Call, *arguments: bytes, using: str = "default") -> bytes:
    """As `call`, for the last of what a request has to keep: on the hot path, a transaction of which this is all is
    committed with it, in the same message. What asks the database afterwards does so in another transaction."""
    return connected(using).call_and_commit(statement, arguments) or b""


def begin_with(asked: Call, *arguments: bytes, expected: bytes) -> None:
    """Puts `asked` in front of the first statement of the transaction that was just entered. If it answers anything but
    `expected`, that statement is not carried out, and whoever sent it gets OtherAnswer; without the hot path it is
    whoever calls this."""
    connected("default").begin_with(Opening(asked, arguments, expected))


def settle() -> None:
    """Sends what the transaction was to begin with, if nothing has. Raises OtherAnswer."""
    connected("default").settle()


def limit_statements(seconds: float, *, using: str = "default") -> None:
    """No statement of this transaction takes longer: the server ends it, and a server that hangs is given up."""
    connected(using).limit_statements(seconds)


def array(texts: Iterable[str]) -> bytes:
    """`texts` as an argument of `call` for a parameter of `text[]` or `uuid[]`."""
    plain = list(texts)
    if not plain:
        return b"{}"
    if any('"' in text or "\\" in text for text in plain):
        plain = [text.replace("\\", "\\\\").replace('"', '\\"') for text in plain]
    return ('{"' + '","'.join(plain) + '"}').encode()
