"""Through the application: every route of the API and every field of GraphQL, with another tenant's ids."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import URLPattern, URLResolver
from graphql import GraphQLObjectType, get_named_type

from bigledger.isolation.tally import Tally, ids_in
from bigledger.routes import api_routes
from bigledger.schema import SCHEMA

_EACH = 2  # objects of a resource that are tried
_ALL = "?limit=100"


@dataclass(frozen=True)
class Route:
    """`path` has names in braces (`invoices/{pk}/void`)."""

    path: str
    method: str
    action: str
    view: Any


class Client:
    """One credential, and the application in this process."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._application = WSGIHandler()

    def ask(self, method: str, address: str, body: object = None) -> tuple[int, str]:
        """The status and the text of the answer."""
        split = urlsplit(address)
        sent = b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": split.path, "QUERY_STRING": split.query, "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(settings.PORT), "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(sent),
            "CONTENT_LENGTH": str(len(sent)), "CONTENT_TYPE": "application/json",
            "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": f"Bearer {self._api_key}",
        }  # fmt: skip
        head: list[Any] = []
        start: Any = lambda *arguments: head.extend(arguments)  # noqa: E731
        response = self._application(environ, start)
        text = b"".join(response).decode(errors="replace")
        response.close()
        return int(head[0][:3]), text


def routes(patterns: Sequence[Any] = tuple(api_routes), prefix: str = "") -> Iterator[Route]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "actions"):
            path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m: "{" + (m[1] or m[2]) + "}", route)
            callback: Any = pattern.callback
            for method, action in list(callback.actions.items()):
                yield Route(path.strip("^$/"), method.upper(), action, callback.cls)


def owned(client: Client) -> dict[str, list[str]]:
    """The public ids of a few objects of each resource that this credential sees. One that is no more than a name, as
    that of a month, names the caller's own object for everybody."""
    found: dict[str, list[str]] = defaultdict(list)
    for route in routes():
        if route.method == "GET" and route.action == "list" and "{" not in route.path:
            status, text = client.ask("GET", f"/v1/{route.path}{_ALL}")
            rows = json.loads(text).get("data", []) if status == 200 else []
            found[route.view.resource] += [row["id"] for row in rows if ids_in(str(row.get("id")))][:_EACH]
    return found


def try_everything(tally: Tally, mine: Client, theirs: Mapping[str, Sequence[str]]) -> None:
    every = [one for some in theirs.values() for one in some[:1]]
    for route in routes():
        if "{" in route.path:
            for identifier in theirs.get(route.view.resource, ()):
                path = re.sub(r"{\w+}", identifier, route.path)
                _ask(tally, mine, route.method, f"/v1/{path}", sent=[identifier], is_theirs=True)
        elif route.method == "GET":
            _ask(tally, mine, "GET", f"/v1/{route.path}")
            for name in _references(route):
                for identifier in every:
                    _ask(tally, mine, "GET", f"/v1/{route.path}?{name}={identifier}", sent=[identifier])
    for name, asks_for_one, selection in _fields():
        for named in every if asks_for_one else [""]:
            arguments = f'(id: "{named}")' if named else "(limit: 100)"
            _, text = mine.ask("POST", "/graphql", {"query": f"{{ {name}{arguments} {selection} }}"})
            tally.text(f"GraphQL {name}", text, sent=_uuids([named]))


def _ask(
    tally: Tally, client: Client, method: str, address: str, *, sent: Sequence[str] = (), is_theirs: bool = False
) -> None:
    status, text = client.ask(method, address, {} if method in ("POST", "PATCH", "PUT") else None)
    tally.text(f"{method} {address}", text, sent=_uuids(sent))
    if is_theirs:
        tally.rows(f"{method} {address} gave {status}", int(status < 400))


def _uuids(identifiers: Sequence[str]) -> set[uuid.UUID]:
    return ids_in(" ".join(identifiers))


def _references(route: Route) -> list[str]:
    """The parameters that name an object: `customer_id`, `account_id`, …"""
    operation = getattr(getattr(route.view, route.action), "operation", None)
    listing = operation.listing if operation else None
    if listing is None and route.action == "list":
        listing = route.view.of.listing
    names = [*(listing.filters if listing else ()), *(operation.query.names() if operation and operation.query else ())]
    return [str(name) for name in names if str(name).endswith("_id")]


def _fields() -> Iterator[tuple[str, bool, str]]:
    """The fields of `Query`: name, whether it asks for one object by its id, and what is selected of it."""
    query = SCHEMA.graphql.query_type
    assert query is not None  # noqa: S101 - a schema without it is none
    for name, field in query.fields.items():
        gives = get_named_type(field.type)
        if not isinstance(gives, GraphQLObjectType):
            continue
        if "id" in field.args and "id" in gives.fields:
            yield name, True, "{ id }"
        elif "limit" in field.args and "edges" in gives.fields:
            yield name, False, "{ edges { node { id } } }"
