"""Whether an answer is what the OpenAPI document says of it."""

from __future__ import annotations

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator

from bigledger.docs.openapi import encoded


@functools.cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encoded())
    return found


def event_schema(name: str) -> str:
    """Where the schema of a type of event stands."""
    entry = document()["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return str(entry["$ref"])


def faults(place: str, value: Any) -> list[str]:
    """What in `value` is not as the schema at `place` (`#/components/schemas/Invoice`) says."""
    schema = {"$ref": place, "components": document()["components"]}
    found = Draft202012Validator(schema).iter_errors(value)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]
