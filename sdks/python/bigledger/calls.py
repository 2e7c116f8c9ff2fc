"""A call of the API: its options, what is sent, when it is tried again, and lists page by page."""

from __future__ import annotations

import random
import urllib.parse
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypedDict, TypeVar

from bigledger.errors import BigLedgerError, ConnectionFailed, of_answer
from bigledger.objects import Object, dumps, loads

T = TypeVar("T")
_FIRST_DELAY, _LONGEST_DELAY, _LONGEST_WAIT = 0.5, 5.0, 60.0


class RequestOptions(TypedDict, total=False):
    """What any call takes beside its own fields."""

    idempotency_key: str
    validate_only: bool
    expand: str | Sequence[str]
    fields: str | Sequence[str]
    if_match: str
    if_none_match: str
    timeout: float


@dataclass
class Call:
    """One call, as it is sent each time that it is tried. A write has an idempotency key from the first time on."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    content: bytes | None = None
    files: Mapping[str, Any] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None


def call_of(
    method: str, path: str, options: RequestOptions, query: Mapping[str, Any], body: Mapping[str, Any] | None, *,
    is_form: bool,
) -> Call:  # fmt: skip
    texts = list(_texts(query))
    if options.get("validate_only"):
        texts.append(("validate_only", "true"))
    for name in ("expand", "fields"):
        if given := options.get(name):
            texts.append((name, given if isinstance(given, str) else ",".join(given)))  # type: ignore[arg-type]
    headers = {"Accept": "application/json"}
    if method != "GET":
        headers["Idempotency-Key"] = options.get("idempotency_key") or str(uuid.uuid4())
    headers |= {"If-Match": options["if_match"]} if "if_match" in options else {}
    headers |= {"If-None-Match": options["if_none_match"]} if "if_none_match" in options else {}
    made = Call(method, path, texts, headers, timeout=options.get("timeout"))
    if is_form and body is not None:
        made.files = {"file": body["file"]}
        made.form = {name: str(value) for name, value in body.items() if name != "file"}
    elif body is not None:
        headers["Content-Type"] = "application/json"
        made.content = dumps(body).encode()
    return made


def _texts(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """`due_date={"gte": …}` is `due_date[gte]=…`; `from_` is `from`."""
    for name, value in query.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}[{operator}]", _text(inner)) for operator, inner in value.items())
        elif value is not None:
            yield name.rstrip("_"), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    text = value if isinstance(value, str) else dumps(value)
    return text.strip('"') if not isinstance(value, str) else text


def result(kind: Any, status: int, headers: Mapping[str, str], content: bytes) -> Any:
    """What a call gives. Raises BigLedgerError for a refusal."""
    is_json = headers.get("content-type", "").startswith("application/json")
    body = None
    if is_json and content:
        try:
            body = loads(content)
        except ValueError:
            body = None
    if status >= 400:
        raise of_answer(status, headers, body)
    if kind is bytes:
        return content
    if kind is None or body is None:
        return None
    return kind(body)


def wait_before(
    attempt: int, error: BigLedgerError, headers: Mapping[str, str], *, waits_for_limits: bool
) -> float | None:
    """Seconds until the next attempt, None for none. The server says whether one makes sense."""
    asked = headers.get("x-should-retry")
    may = isinstance(error, ConnectionFailed) or (
        asked == "true" if asked else error.status == 429 or error.status >= 500
    )
    if not may or (error.status == 429 and not waits_for_limits):
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= _LONGEST_WAIT else None
    delay: float = min(_FIRST_DELAY * 2**attempt, _LONGEST_DELAY)
    return delay * random.uniform(0.75, 1.0)  # noqa: S311 - spreads clients over time


@dataclass
class Page(Generic[T]):
    """One page of a list."""

    data: list[T]
    meta: Mapping[str, Any]


def page_of(kind: Any) -> Callable[[Mapping[str, Any]], Page[Any]]:
    return lambda body: Page([kind(item) for item in body["data"]], body["meta"])


class Pages(Generic[T]):
    """A list: iterating reads page after page, so that nothing is skipped or repeated while others write."""

    def __init__(self, ask: Callable[[Mapping[str, Any]], Page[T]], query: Mapping[str, Any]) -> None:
        self._ask, self._query = ask, query

    def page(self) -> Page[T]:
        """The page that the parameters ask for, with `meta`."""
        return self._ask(self._query)

    def __iter__(self) -> Iterator[T]:
        cursor: str | None = str(self._query.get("cursor", ""))
        while cursor is not None:
            page = self._ask(self._query if "page" in self._query else {**self._query, "cursor": cursor})
            yield from page.data
            cursor = page.meta.get("next_cursor") if "page" not in self._query else None


class AsyncPages(Generic[T]):
    """As `Pages`, with `async for`."""

    def __init__(self, ask: Callable[[Mapping[str, Any]], Any], query: Mapping[str, Any]) -> None:
        self._ask, self._query = ask, query

    async def page(self) -> Page[T]:
        return await self._ask(self._query)  # type: ignore[no-any-return]

    async def __aiter__(self) -> AsyncIterator[T]:
        cursor: str | None = str(self._query.get("cursor", ""))
        while cursor is not None:
            page = await self._ask(self._query if "page" in self._query else {**self._query, "cursor": cursor})
            for item in page.data:
                yield item
            cursor = page.meta.get("next_cursor") if "page" not in self._query else None


class _Base:
    def __init__(self, client: Any) -> None:
        self._client = client

    @staticmethod
    def _id(value: str | Object) -> str:
        """An id in a path: natural keys may hold any character."""
        return urllib.parse.quote(value if isinstance(value, str) else str(value["id"]), safe="")


class Resource(_Base):
    """The operations on one resource."""

    def _call(
        self, method: str, path: str, kind: Callable[[Any], T] | None, options: RequestOptions | None, *,
        query: Any = None, body: Any = None, is_form: bool = False,
    ) -> T:  # fmt: skip
        found: T = self._client.send(call_of(method, path, options or {}, query or {}, body, is_form=is_form), kind)
        return found

    def _pages(
        self, method: str, path: str, kind: Any, options: RequestOptions | None, *, query: Any = None
    ) -> Pages[Any]:
        return Pages(lambda given: self._call(method, path, page_of(kind), options, query=given), query or {})


class AsyncResource(_Base):
    """The operations on one resource, to await."""

    async def _call(
        self, method: str, path: str, kind: Callable[[Any], T] | None, options: RequestOptions | None, *,
        query: Any = None, body: Any = None, is_form: bool = False,
    ) -> T:  # fmt: skip
        found: T = await self._client.send(
            call_of(method, path, options or {}, query or {}, body, is_form=is_form), kind
        )
        return found

    def _pages(
        self, method: str, path: str, kind: Any, options: RequestOptions | None, *, query: Any = None
    ) -> AsyncPages[Any]:
        return AsyncPages(lambda given: self._call(method, path, page_of(kind), options, query=given), query or {})
