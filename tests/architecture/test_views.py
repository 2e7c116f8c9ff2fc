"""What every view of the API must say of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver

from bigledger.api.views import ApiViewSet
from bigledger.routes import api_routes

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def routes(patterns: Any = api_routes, prefix: str = "") -> Iterator[tuple[str, str, str, type[ApiViewSet]]]:
    """(path, HTTP method, action, view class) of every operation."""
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "actions"):
            for method, action in pattern.callback.actions.items():
                yield path, method, action, pattern.callback.cls


OPERATIONS = list(routes())
VIEWS = list(dict.fromkeys(view for _, _, _, view in OPERATIONS))


def test_the_walk_finds_the_api() -> None:
    assert len(OPERATIONS) >= 14
    assert {view.resource for _, _, _, view in OPERATIONS} >= {"accounts", "journal_entries", "reports"}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_names_its_resource_and_declares_the_parameters_of_its_list(view: type[ApiViewSet]) -> None:
    assert issubclass(view, ApiViewSet)
    assert view.resource
    if hasattr(view, "list"):
        assert view.of.listing.order.split(":")[0] in view.of.listing.sort
        assert set(view.of.listing.sort) <= set(view.of.listing.filters)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_no_operation_is_named_like_an_http_method(view: type[ApiViewSet]) -> None:
    """REST framework would answer that HTTP method with it, on every path of the view."""
    assert [method for method in _METHODS if method != "options" and method in vars(view)] == []


@pytest.mark.parametrize(
    ("path", "method", "action", "view"),
    [operation for operation in OPERATIONS if operation[1] not in ("get", "head")],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_a_write_declares_its_input_and_output(path: str, method: str, action: str, view: type[ApiViewSet]) -> None:
    description = getattr(getattr(view, action), "operation", None)

    assert description is not None, f"{method} {path} needs @describe"
    assert description.takes is None or description.example is not None
