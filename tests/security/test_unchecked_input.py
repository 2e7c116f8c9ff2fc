"""Garbage in every place that a request has room for: no answer is a 5xx, whatever is sent.

Every route of the URL conf is walked, with rows in the tables: the API, the public pages, sign-in, OAuth, the admin.
What is sent is fixed, so a failure comes back. Each request is undone, so that one does not hide the next.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from bigledger import exact_json, ids
from bigledger.access.models import User
from tests.conftest import Caller
from tests.sales import NUMBERS
from tests.world import LISTS, OPERATIONS, Operation, readable, with_log

# What breaks readers, columns and comparisons; already encoded for a path or a query.
TEXTS = {
    "nothing": "",
    "blanks": "%20%20",
    "NUL": "%00",
    "NUL inside": "a%00b",
    "no UTF-8": "%ff%fe",
    "half a character": "%ed%a0%80",
    "half a character, escaped": "%5Cud800",
    "control characters": "%01%07%1b%7f",
    "line breaks": "a%0d%0ab",
    "right to left": "%e2%80%ae%d7%90",
    "an emoji": "%f0%9f%92%a9",
    "a quote": "'%22%3B--",
    "a percent": "%25_%5C",
    "a huge number": "9" * 400,
    "a huge exponent": "1e999999999",
    "a tiny number": "1e-999999999",
    "NaN": "NaN",
    "minus infinity": "-Infinity",
    "beyond 64 bits": str(2**64),
    "negative": "-1",
    "a list": "%5B1%5D",
    "an object": "%7B%22a%22%3A1%7D",
    "null": "null",
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01T00:00:00Z",
    "the last moment, further west": "9999-12-31T23:59:59-14:00",
    "a day that is none": "2024-02-30",
    "an offset beyond a day": "2024-01-01T00:00:00%2B99:99",
    "a very long text": "x" * 3000,
    "commas": ",,,",
    "a thousand values": ",".join("1" * 1000),
    "another digit": "%d9%a3",
    "a path": "..%2f..%2fetc%2fpasswd",
}
# Enough for operators that only repeat their column's kind.
FEW = [TEXTS[name] for name in ("NUL inside", "no UTF-8", "a huge exponent", "year 10000", "beyond 64 bits")]
# What a cursor may be made of.
VALUES: list[Any] = [
    None, True, 0, -1, 2**63, 2**200, "", "x", "\0", "a\0b", "not-a-uuid", "NaN", "1e999999", "1e-999999", "-Infinity",
    "9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00+23:59", "0000-00-00", "2024-02-30", "x" * 2500,
    [], ["x"], {}, {"a": 1}, "00000000-0000-0000-0000-000000000000", "\u0662024-01-01",
]  # fmt: skip
RAW_CURSORS = [
    "x", "=", "====", "%00", "%ff", "é", "bnVsbA==", "W10=", "W11bXQ==", "e30=", "W1tdLFtdXQ==", "AAAA", "A" * 5000,
    base64.urlsafe_b64encode(b"[" * 2000).decode(), base64.urlsafe_b64encode(b'[["name:asc","id:asc"],["\\ud800","x"]]'
    ).decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]  # fmt: skip
# A server passes on neither a NUL nor a byte that is no Latin-1, nor a length that is no number.
HEADERS = {
    "HTTP_AUTHORIZATION": ["", "Bearer", "Bearer \0", "Bearer é", "Basic eA==", "Bearer " + "x" * 5000, "Bearer a.b.c",
                           "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJIUzI1NiJ9.W10.x", "Bearer \xff"],
    "HTTP_IF_MATCH": ["", '"\0"', "é", "W/", ",,,", '"' * 3000, "\xff"],
    "HTTP_IF_NONE_MATCH": ["", '"\0"', "é", "W/", ",,,", '"' * 3000, "\xff"],
    "HTTP_IDEMPOTENCY_KEY": ["", "\0", "a\0b", "é", "x" * 256, "\xff", " ", "\x7f"],
    "HTTP_X_REQUEST_ID": ["", "\0", "é", "x" * 5000, "\xff", "a\nb"],
    "HTTP_ACCEPT": ["", "\0", "é/é", ";;;", "a/b;q=x", "*/*;q=" + "9" * 500, "\xff"],
    "HTTP_ACCEPT_LANGUAGE": ["\0", "x" * 6000, ";;q=a", "\xff"],
    "HTTP_COOKIE": ["\0", "sessionid=\0", "sessionid=" + "x" * 5000, "csrftoken=é", "messages=%00", "=", ";;;",
                    "sessionid=\xff", "messages=W10:x:y; sessionid='\";--"],
    "HTTP_ORIGIN": ["\0", "null", "http://[", "https://" + "x" * 5000, "\xff", "http://a:99999999"],
    "HTTP_HOST": ["", "\0", "a b", "x" * 5000, "[", "a:b", "\xff"],
    "HTTP_REFERER": ["\0", "http://[", "\xff"],
    "HTTP_X_FORWARDED_FOR": ["\0", "x", "\xff"],
    "HTTP_RANGE": ["bytes=\0", "bytes=9-1", "\xff"],
    "HTTP_IF_MODIFIED_SINCE": ["\0", "x", "Mon, 99 Jan 99999 99:99:99 GMT"],
    "HTTP_X_CSRFTOKEN": ["\0", "x" * 5000],
    "HTTP_USER_AGENT": ["\0", "\xff", "x" * 5000],
    "CONTENT_TYPE": ["", "\0", "multipart/form-data", "multipart/form-data; boundary=",
                     "application/json; charset=no-such", "text/é", "application/x-www-form-urlencoded; charset=utf-7"],
    "CONTENT_LENGTH": ["-1", "9" * 30],
    "REMOTE_ADDR": ["::ffff:1.2.3.4", "fe80::1%eth0"],
}  # fmt: skip
FORMS = ["\0", "a\0b", "é" * 3000, "\U0001f4a9", "1e999999999", "-1", "2" * 400, "\u202e", "x" * 200_000]


class Sweep:
    """Sends, undoes, and keeps what answered with a 5xx."""

    def __init__(self, client: Client, key: str = "") -> None:
        self.client, self.key = client, key
        self.client.raise_request_exception = False
        self.failures: list[tuple[Any, ...]] = []
        self.sent = 0

    def send(self, method: str, path: str, body: bytes = b"{}", **given: str) -> HttpResponse:
        extra = {"CONTENT_TYPE": "application/json", **given}
        if self.key:
            extra.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.key}")
        if method in ("GET", "HEAD"):
            body = b""
        cookies = self.client.cookies.copy()
        with transaction.atomic():
            response: HttpResponse = self.client.generic(method, path, body, **extra)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        self.sent += 1
        if response.status_code >= 500:
            self.failures.append((response.status_code, method, path[:200], {k: v[:80] for k, v in given.items()}))
        return response


@pytest.fixture
def world(acme: Caller, settings: Any) -> dict[str, str]:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
    return with_log(acme)


@pytest.fixture
def api(acme: Caller, world: dict[str, str]) -> Sweep:
    return Sweep(Client(), acme.api_key)


def test_ids_in_paths(api: Sweep, world: dict[str, str]) -> None:
    for operation in OPERATIONS:
        for resource in operation.named_in_path():
            prefix = world.get(resource, "none").partition("_")[0]
            for text, before in itertools.product(TEXTS.values(), ("", f"{prefix}_")):
                api.send(operation.method, operation.path({**world, resource: before + text}))
    assert api.failures[:8] == []
    assert api.sent > 1000


def _parameters(operation: Operation) -> Iterator[tuple[str, bool]]:
    """Each name in the query, and whether it is only another operator of one that is there already."""
    for name in ("fields", "expand", "validate_only", "page", "limit", "unheard_of", "a[b]", "%00", "%ff", "[]"):
        yield name, False
    for shape in getattr(operation.view, "query_shapes", ()):
        for name in shape().fields:
            yield name, False
    if operation.listing:
        for name in ("sort", "search", "cursor"):
            yield name, False
        for name, field in operation.listing.filters.items():
            yield name, False
            for operator in field.operators:
                yield f"{name}[{operator}]", True


def test_every_parameter(api: Sweep, world: dict[str, str]) -> None:
    for operation in OPERATIONS:
        path = operation.path(world)
        for name, few in _parameters(operation):
            texts = FEW if few or operation.method != "GET" else TEXTS.values()
            for text in texts:
                api.send(operation.method, f"{path}?{name}={text}")
    assert api.failures[:8] == []


def test_ids_of_the_right_shape_and_keys_in_filters(api: Sweep, world: dict[str, str]) -> None:
    """An id's prefix before the garbage: it is read as a natural key."""
    for operation in LISTS:
        assert operation.listing is not None
        for name, field in operation.listing.filters.items():
            if field.kind != "id":
                continue
            for prefix, text in itertools.product(("cust", "inv", "acc", "tax", "user", "whe", "evt"), TEXTS.values()):
                api.send("GET", f"{operation.path(world)}?{name}={prefix}_{text}")
                api.send("GET", f"{operation.path(world)}?{name}[in]={prefix}_{text},{prefix}_x")
    assert api.failures[:8] == []


def _cursor(content: Any) -> str:
    return quote(base64.urlsafe_b64encode(exact_json.encode(content)).decode())


def test_cursors_of_the_right_shape_with_anything_in_them(api: Sweep, world: dict[str, str]) -> None:
    refused = 0
    for operation in LISTS:
        listing = operation.listing
        assert listing is not None
        path = operation.path(world)
        for text in RAW_CURSORS:
            assert api.send("GET", f"{path}?cursor={quote(text, safe='%')}").status_code == 400
        for name, direction in itertools.product(listing.sort, ("asc", "desc")):
            signature = [f"{name}:{direction}", f"id:{direction}"]
            good = str(ids.new_id())
            contents = [[signature, [value, good]] for value in VALUES]
            contents += [[signature, [VALUES[7], value]] for value in VALUES]
            contents += [[signature, value] for value in VALUES] + [[value, [1, good]] for value in VALUES]
            contents += [signature, [signature], [signature, [], []], {"a": signature, "b": [1, good]}]
            for content in contents:
                answer = api.send("GET", f"{path}?sort={name}:{direction}&cursor={_cursor(content)}")
                refused += answer.status_code == 400
    assert api.failures[:8] == []
    assert refused > api.sent * 0.8


def _some_headers(turn: int) -> Iterator[tuple[str, str]]:
    """Each header, with another of its values at each turn: all of them in a dozen."""
    for name, values in HEADERS.items():
        yield name, values[turn % len(values)]


def test_headers_and_cookies(api: Sweep, world: dict[str, str]) -> None:
    for turn, operation in enumerate(OPERATIONS):
        path = operation.path(world)
        for name, value in _some_headers(turn):
            api.send(operation.method, path, **{name: value})
    assert api.failures[:8] == []


def pages() -> list[str]:
    """Every route that is not of the API, `{…}` where a part of the path is given."""

    def walk(patterns: Any, prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield "/" + readable(route.replace("^", "").replace("$", "").replace(r"\Z", "").removesuffix("/?"))

    found = walk(get_resolver().url_patterns, "")
    return sorted({page for page in found if not page.startswith(("/v1", "/api/v1"))})


def test_the_walk_finds_the_pages() -> None:
    assert {"/i/{token}", "/i/{token}/pdf", "/invitations/{token}", "/oauth/token", "/sign-in"} <= set(pages())
    assert any(page.startswith("/admin/ledger/account") for page in pages())


def _some_texts(page: str) -> list[str]:
    """All of them; of the admin's routes, which differ by their model only, each has a sixth, and all together all."""
    texts = list(TEXTS.values())
    return texts[len(page) % 6 :: 6] if page.startswith("/admin/") else texts


def _filled(page: str, text: str) -> str:
    filled = page
    while "{" in filled:
        filled = filled[: filled.index("{")] + text + filled[filled.index("}") + 1 :]
    return filled


@pytest.fixture
def browsers(acme: Caller, world: dict[str, str]) -> dict[str, Callable[[], Sweep]]:
    user = User.objects.get(pk=acme.principal.user_id)
    user.is_staff = True
    user.save()
    signed_in = Client()
    signed_in.force_login(user)
    return {"anybody": lambda: Sweep(Client()), "staff": lambda: Sweep(signed_in)}


@pytest.mark.parametrize("who", ["anybody", "staff"])
def test_parts_of_the_paths_of_pages(browsers: dict[str, Callable[[], Sweep]], who: str) -> None:
    sweep = browsers[who]()
    for page in pages():
        for text in _some_texts(page) if "{" in page else ("x",):
            for method in ("GET", "POST"):
                sweep.send(method, _filled(page, text), b"")
        for text in ("%00" * 43, "A" * 42 + "%00", "%7f" * 43) if "{" in page else ():
            sweep.send("GET", _filled(page, text))
    assert sweep.failures[:8] == []


@pytest.mark.parametrize("who", ["anybody", "staff"])
def test_the_queries_of_pages(browsers: dict[str, Callable[[], Sweep]], who: str) -> None:
    sweep = browsers[who]()
    names = ["next", "q", "o", "p", "e", "all", "id", "status__exact", "_popup", "_to_field", "app_label", "object_id",
             "model_name", "field_name", "term", "client_id", "redirect_uri", "scope", "state", "response_type",
             "code_challenge", "code_challenge_method", "created_at__gte", "created_at__year", "currency", "%00",
             "is_active__exact", "tenant", "_changelist_filters", "name__contains", "no__such"]  # fmt: skip
    for page in pages():
        for turn, name in enumerate(names[len(page) % 5 :: 5] if page.startswith("/admin/") else names):
            sweep.send("GET", f"{_filled(page, 'x')}?{name}={FEW[(turn + len(page)) % len(FEW)]}")
    assert sweep.failures[:8] == []


FIELDS = [
    "email", "password", "code", "next", "name", "password1", "token", "client_id", "client_secret", "grant_type",
    "redirect_uri", "refresh_token", "scope", "allow", "state", "response_type", "code_verifier", "username",
    "token_type_hint", "number", "expiry", "cvc", "invoice", "tenant", "action", "_selected_action", "index",
]  # fmt: skip


@pytest.mark.parametrize("who", ["anybody", "staff"])
def test_the_forms_of_pages(
    acme: Caller, browsers: dict[str, Callable[[], Sweep]], world: dict[str, str], who: str
) -> None:
    sweep = browsers[who]()
    token, customers = (
        acme.get(f"/v1/{kind}/{world[kind]}").body["hosted_url"].rsplit("/", 1)[1] for kind in ("invoices", "customers")
    )
    form_type = "application/x-www-form-urlencoded"
    for page in pages():
        path = _filled(page, customers if page.startswith("/c/") else token)
        for text in FORMS[:2] if page.startswith("/admin/") else FORMS:
            body = "&".join(f"{name}={quote(text)}" for name in FIELDS).encode()
            sweep.send("POST", path, body, CONTENT_TYPE=form_type)
        for body in (b"%ff=%ff", b"a=\xff", b"\x00", b"a" * 100_000, b"&=" * 1000, b"grant_type=password&username=%00"):
            sweep.send("POST", path, body, CONTENT_TYPE=form_type)
    for expiry, cvc in itertools.product(("12/99", "1/1/1", "99999/1", "٣/٣", "12/\0"), ("\0", "", "é")):
        body = f"number={quote(NUMBERS['4242'])}&expiry={quote(expiry)}&cvc={quote(cvc)}".encode()
        sweep.send("POST", f"/i/{token}", body, CONTENT_TYPE=form_type)
    assert sweep.failures[:8] == []


@pytest.mark.parametrize("who", ["anybody", "staff"])
def test_the_headers_and_cookies_of_pages(browsers: dict[str, Callable[[], Sweep]], who: str) -> None:
    sweep = browsers[who]()
    for turn, page in enumerate(pages()):
        for name, value in _some_headers(turn):
            sweep.send("GET", _filled(page, "x"), **{name: value})
    assert sweep.failures[:8] == []


def test_the_admins_objects(browsers: dict[str, Callable[[], Sweep]]) -> None:
    sweep = browsers["staff"]()
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}"
        for text in TEXTS.values():
            for page in (
                f"{base}/{text}/change/",
                f"{base}/{text}/delete/",
                f"{base}/{text}/history/",
                f"{base}/{text}/",
            ):
                sweep.send("GET", page)
            sweep.send("GET", f"{base}/?q={text}")
    assert sweep.failures[:8] == []
