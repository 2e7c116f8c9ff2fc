"""The generated half of the Python SDK: objects, inputs, and one method for each operation."""

from __future__ import annotations

from generate import _NOTE, Json, Operation, capital, operations, python_name

_SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "object": "dict[str, Any]"}
_FORMATS = {"decimal": "Decimal", "date": "dt.date", "date-time": "dt.datetime", "binary": "Any"}


def python_files(document: Json) -> dict[str, str]:
    found = operations(document)
    return {
        "python/bigledger/types.py": _types(document, found),
        "python/bigledger/resources.py": _resources(found),
    }


def _hint(schema: Json, *, is_input: bool = False) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _hint(schema["allOf"][0], is_input=is_input)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        parts = list(dict.fromkeys(_hint(one, is_input=is_input) for one in options))
        return " | ".join(sorted(parts, key=lambda part: part == "None"))
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    hints = [_of_kind(kind, schema, is_input=is_input) for kind in kinds] or ["Any"]
    return " | ".join(sorted(hints, key=lambda part: part == "None"))


def _of_kind(kind: str, schema: Json, *, is_input: bool) -> str:
    if kind == "null":
        return "None"
    if kind == "array":
        return f"{'Sequence' if is_input else 'list'}[{_hint(schema.get('items', {}), is_input=is_input)}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return (
            f"dict[str, {_hint(inner, is_input=is_input)}]" if isinstance(inner, dict) and inner else "dict[str, Any]"
        )
    if schema.get("enum") and kind == "string":
        return f"Literal[{', '.join(repr(v) for v in schema['enum'] if v is not None)}] | str"
    if is_input and schema.get("format") == "decimal":
        return "Decimal | int | float"
    if is_input and schema.get("format") in ("date", "date-time"):
        return f"{_FORMATS[schema['format']]} | str"
    return _FORMATS.get(schema.get("format", ""), "Decimal" if kind == "number" else _SCALARS[kind])


def _text(schema: Json, indent: str = "    ") -> str:
    words = " ".join(str(schema.get("description", "")).split()).replace("\\", "\\\\").replace('"""', "'''")
    return f'{indent}"""{words or "See the API reference."}"""\n'


def _types(document: Json, found: list[Operation]) -> str:
    schemas = document["components"]["schemas"]
    inputs = _inputs(schemas, {one.body for one in found if one.body})
    lines = [
        f'"""{_NOTE}"""\n\nfrom __future__ import annotations\n\n'
        "import datetime as dt\nfrom collections.abc import Mapping, Sequence\n"
        "from decimal import Decimal\nfrom typing import TYPE_CHECKING, Any, Literal, TypedDict\n\n"
        "from bigledger.objects import Object\n\n"
        "if TYPE_CHECKING:\n    from typing_extensions import Required\n\n"
    ]
    for name in sorted(schemas, key=lambda name: ("allOf" in schemas[name], name)):
        schema = schemas[name]
        if name in inputs:
            required = set(schema.get("required", ()))
            fields = "".join(
                f"    {key}: {'Required[' if key in required else ''}{_hint(value, is_input=True)}"
                f"{']' if key in required else ''}\n"
                for key, value in schema.get("properties", {}).items()
            )
            lines.append(
                f"\nclass {name}(TypedDict, total=False):\n{_text(schema)}{chr(10) if fields else ''}{fields}\n"
            )
        elif not name.endswith("List") or "meta" not in schema.get("properties", {}):
            lines.append(_object(name, schema))
    lines.append(_events(document))
    return "".join([*lines, *map(_params, (one for one in found if one.query))]).rstrip() + "\n"


def _object(name: str, schema: Json) -> str:
    base, properties = "Object", schema.get("properties", {})
    if "allOf" in schema:
        base, properties = _hint(schema["allOf"][0]), schema["allOf"][1].get("properties", {})
        kind = properties["type"]["const"]
        return f'\nclass {name}({base}):\n{_text(schema)}\n    type: Literal["{kind}"]\n\n'
    fields = "".join(f"    {key}: {_hint(value)}\n" for key, value in properties.items())
    return f"\nclass {name}({base}):\n{_text(schema)}{chr(10) if fields else ''}{fields}\n"


def _inputs(schemas: Json, names: set[str]) -> set[str]:
    """The shapes of requests, with those inside them."""
    found: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node and (inner := str(node["$ref"]).rpartition("/")[2]) not in found:
                found.add(inner)
                visit(schemas[inner])
            for value in node.values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    for name in names:
        found.add(name)
        visit(schemas[name])
    return found


def _events(document: Json) -> str:
    rows = "".join(
        f"    {name!r}: {one['post']['requestBody']['content']['application/json']['schema']['$ref'].rpartition('/')[2]},\n"
        for name, one in sorted(document["webhooks"].items())
    )
    data: dict[str, str] = {}
    for name in document["webhooks"]:
        ref = document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        properties = document["components"]["schemas"][ref.rpartition("/")[2]]["allOf"][1]["properties"]["data"][
            "properties"
        ]
        data.update({key: _hint(value) for key, value in properties.items() if "$ref" in value})
    objects = "".join(f"    {key!r}: {kind},\n" for key, kind in sorted(data.items()))
    return (
        f"\nEVENTS: Mapping[str, type[Event]] = {{\n{rows}}}\nOBJECTS: Mapping[str, type[Object]] = {{\n{objects}}}\n\n"
    )


def _params(one: Operation) -> str:
    fields = "".join(
        f"    {python_name(name)}: {_hint(schema, is_input=True)}"
        f"{' | Mapping[str, Any]' if one.answer.startswith('list:') else ''}\n"
        for name, schema in one.query
    )
    return f'\nclass {_params_name(one)}(TypedDict, total=False):\n    """{one.summary}."""\n\n{fields}\n'


def _params_name(one: Operation) -> str:
    return f"{capital(one.resource)}{capital(one.name)}Params"


def _resources(found: list[Operation]) -> str:
    head = (
        f'"""{_NOTE}"""\n\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING, Any\n\n'
        "from bigledger import types as t\nfrom bigledger.calls import AsyncPages, AsyncResource, Pages, Resource\n\n"
        "if TYPE_CHECKING:\n    from typing_extensions import Unpack\n\n    from bigledger.calls import RequestOptions\n\n"
    )
    names = list(dict.fromkeys(one.resource for one in found))
    parts = []
    for is_async in (False, True):
        prefix = "Async" if is_async else ""
        for name in names:
            methods = "".join(_method(one, is_async=is_async) for one in found if one.resource == name)
            words = name.replace("_", " ")
            parts.append(
                f'\nclass {prefix}{capital(name)}({prefix}Resource):\n    """Operations on {words}."""\n{methods}\n'
            )
        table = "".join(f"    {name}: {prefix}{capital(name)}\n" for name in names)
        made = "".join(f"        self.{name} = {prefix}{capital(name)}(client)\n" for name in names)
        parts.append(
            f'\nclass {prefix}Resources:\n    """Every resource of the API."""\n\n{table}\n'
            f"    def _make_resources(self, client: Any) -> None:\n{made}\n"
        )
    return head + "".join(parts).rstrip() + "\n"


def _method(one: Operation, *, is_async: bool) -> str:
    options = "request" if one.has_options else "options"
    arguments = ["self", *(f"{name}: str" for name in one.arguments), "/" if one.arguments else "",
                 f"{options}: RequestOptions | None = None"]  # fmt: skip
    arguments = [part for part in arguments if part]
    if not one.arguments:
        arguments.insert(1, "*")
    else:
        arguments.insert(arguments.index("/") + 1, "*")
    given = "query" if one.query and not one.body else "body" if one.body else ""
    if given == "query":
        arguments.append(f"**query: Unpack[t.{_params_name(one)}]")
    elif given:
        arguments.append(f"**body: Unpack[t.{one.body}]")
    path = f'f"{one.path}"' if one.arguments else f'"{one.path}"'
    for name in one.arguments:
        path = path.replace(f"{{{name}}}", f"{{self._id({name})}}")
    extra = f", {given}={given}" if given else ""
    extra += ", is_form=True" if one.is_form else ""
    listing = one.answer.startswith("list:")
    kind = one.answer.removeprefix("list:")
    gives = {"": "None", "bytes": "bytes"}.get(kind, f"t.{kind}")
    marker = {"": "None", "bytes": "bytes"}.get(kind, f"t.{kind}")
    if listing:
        pages = "AsyncPages" if is_async else "Pages"
        result, call, word = f"{pages}[{gives}]", "_pages", "def"
    else:
        result, call, word = gives, "_call", "async def" if is_async else "def"
    wait = "await " if is_async and not listing else ""
    line = f'{wait}self.{call}("{one.method}", {path}, {marker}, {options}{extra})'
    return (
        f"\n    {word} {python_name(one.name)}({', '.join(arguments)}) -> {result}:\n"
        f'        """{one.summary}."""\n'
        f"        {'' if gives == 'None' and not listing else 'return '}{line}"
        "\n"
    )
