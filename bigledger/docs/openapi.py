"""The OpenAPI 3.1 document of the API."""

from __future__ import annotations

import functools
from typing import Any

import msgspec
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator

from bigledger.routes import api_routes

Json = dict[str, Any]


def document() -> Json:
    """The whole document as plain JSON."""
    found: Json = SchemaGenerator(patterns=[path("v1/", include(api_routes))]).get_schema(request=None, public=True)
    return found


@functools.cache
def encoded() -> bytes:
    """The document as it is served and committed: indented, in a stable order."""
    return (
        msgspec.json.format(msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode(document()), indent=2)
        + b"\n"
    )
