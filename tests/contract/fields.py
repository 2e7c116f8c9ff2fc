"""Whether the fields that an error names are fields of the request that was made."""

from __future__ import annotations

import re
from typing import Any

from tests.conftest import Answer
from tests.contract.described import document

_STEP = re.compile(r"\[\d+\]|[^.\[\]]+")


def fields_of_others(answer: Answer) -> list[str]:
    """The paths of the details that the description of the operation has neither in its body nor among its
    parameters. A path may go on inside what has any members."""
    response: Any = answer.response
    operation = _operation(response.request["PATH_INFO"], response.request["REQUEST_METHOD"].lower())
    if not operation:
        return []
    parameters = {_resolved(one)["name"] for one in operation.get("parameters", ())}
    contents = operation.get("requestBody", {}).get("content", {})
    bodies = [content["schema"] for content in contents.values()]
    return [
        field
        for field in answer.fields
        if field and field not in parameters and not any(_has(body, _STEP.findall(field)) for body in bodies)
    ]


def _operation(path: str, method: str) -> dict[str, Any]:
    """Of the paths that match, the one with the fewest placeholders; nothing for an alias, which is not described."""
    fitting = {
        template.count("{"): methods[method]
        for template, methods in document()["paths"].items()
        if method in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    }
    found: dict[str, Any] = fitting[min(fitting)] if fitting else {}
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _has(schema: dict[str, Any], steps: list[str]) -> bool:
    schema = _resolved(schema)
    choices = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not steps or any(_has(choice, steps) for choice in choices):
        return True
    first, *rest = steps
    if first.startswith("["):
        return "items" in schema and _has(schema["items"], rest)
    if first in schema.get("properties", {}):
        return _has(schema["properties"][first], rest)
    return bool(schema.get("additionalProperties")) and schema.get("additionalProperties") is not False
