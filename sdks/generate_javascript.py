"""The generated half of the JavaScript SDK: types, one method for each operation, and what the runtime must know of them."""

from __future__ import annotations

import json

from generate import _NOTE, Json, Operation, camel, capital, operations

_SCALARS = {"string": "string", "integer": "number", "boolean": "boolean", "object": "Record<string, unknown>"}


def javascript_files(document: Json) -> dict[str, str]:
    found = operations(document)
    return {
        "javascript/src/types.ts": _types(document, found),
        "javascript/src/resources.ts": _resources(found),
        "javascript/src/schemas.ts": _schemas(document),
    }


def _hint(schema: Json, *, is_input: bool = False) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    options = (
        schema.get("anyOf")
        or schema.get("oneOf")
        or (schema.get("allOf") if len(schema.get("allOf", ())) == 1 else None)
    )
    if options:
        return " | ".join(dict.fromkeys(_hint(one, is_input=is_input) for one in options))
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " | ".join(dict.fromkeys(_of_kind(kind, schema, is_input=is_input) for kind in kinds)) or "unknown"


def _of_kind(kind: str, schema: Json, *, is_input: bool) -> str:
    if kind == "null":
        return "null"
    if kind == "array":
        return f"Array<{_hint(schema.get('items', {}), is_input=is_input)}>"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return (
            f"Record<string, {_hint(inner, is_input=is_input)}>"
            if isinstance(inner, dict) and inner
            else _SCALARS[kind]
        )
    if schema.get("enum") and kind == "string":
        return " | ".join([*(json.dumps(v) for v in schema["enum"] if v is not None), "(string & {})"])
    if schema.get("format") == "decimal" or kind == "number":
        return "Decimal | number" if is_input else "Decimal"
    if is_input and schema.get("format") in ("date", "date-time"):
        return "string | Date"
    return "Blob | Uint8Array" if schema.get("format") == "binary" else _SCALARS[kind]


def _key(name: str) -> str:
    """In a type: a path of names that no identifier has (`error.details`) does not occur."""
    return camel(name)


def _doc(schema: Json, indent: str = "") -> str:
    words = " ".join(str(schema.get("description", "")).split()).replace("*/", "* /")
    return f"{indent}/** {words} */\n" if words else ""


def _types(document: Json, found: list[Operation]) -> str:
    schemas = document["components"]["schemas"]
    inputs = _inputs(schemas, {one.body for one in found if one.body})
    parts = [f"// {_NOTE}\nimport type {{ Decimal }} from './decimal.js';\n"]
    for name in sorted(schemas):
        schema = schemas[name]
        is_input = name in inputs
        base = ""
        if "allOf" in schema:
            base, schema = (
                _hint(schema["allOf"][0]),
                {**schema["allOf"][1], "description": schema.get("description", "")},
            )
        required = set(schema.get("required", ()))
        fields = "".join(
            _field(key, value, key in required, is_input=is_input)
            for key, value in schema.get("properties", {}).items()
        )
        head = f"export interface {name}{f' extends Omit<{base}, {chr(34)}type{chr(34)} | {chr(34)}data{chr(34)}>' if base else ''}"
        parts.append(f"\n{_doc(schema)}{head} {{\n{fields}}}\n")
    rows = "".join(
        f"  {json.dumps(name)}: {one['post']['requestBody']['content']['application/json']['schema']['$ref'].rpartition('/')[2]};\n"
        for name, one in sorted(document["webhooks"].items())
    )
    parts.append(f"\n/** What a handler of each type of event gets. */\nexport interface Events {{\n{rows}}}\n")
    return "".join([*parts, *(_params(one) for one in found if one.query)])


def _field(key: str, schema: Json, required: bool, *, is_input: bool) -> str:  # noqa: FBT001 - one of two forms
    if "const" in schema:
        hint = json.dumps(schema["const"])
    elif schema.get("type") == "object" and "properties" in schema:
        inner = schema["properties"]
        needed = set(schema.get("required", ()))
        body = "".join(_field(name, value, name in needed, is_input=is_input) for name, value in inner.items())
        hint = f"{{\n{body}  }}"
    else:
        hint = _hint(schema, is_input=is_input)
    return f"{_doc(schema, '  ')}  {_key(key)}{'' if required else '?'}: {hint};\n"


def _inputs(schemas: Json, names: set[str]) -> set[str]:
    from generate_python import _inputs as inputs

    return inputs(schemas, names)


def _params_name(one: Operation) -> str:
    return f"{capital(one.resource)}{capital(one.name)}Params"


def _params(one: Operation) -> str:
    fields = "".join(
        f"  {camel(name)}?: {_hint(schema, is_input=True)}{' | Record<string, unknown>' if one.answer.startswith('list:') else ''};\n"
        for name, schema in one.query
    )
    return f"\n/** {one.summary}. */\nexport interface {_params_name(one)} {{\n{fields}}}\n"


def _resources(found: list[Operation]) -> str:
    names = list(dict.fromkeys(one.resource for one in found))
    parts = [
        f"// {_NOTE}\nimport {{ type Caller, type Pages, type RequestOptions, Resource }} from './calls.js';\n"
        "import type * as t from './types.js';\n"
    ]
    for name in names:
        methods = "".join(_method(one) for one in found if one.resource == name)
        parts.append(
            f"\n/** Operations on {name.replace('_', ' ')}. */\nexport class {capital(name)} extends Resource {{{methods}}}\n"
        )
    table = "".join(f"  readonly {camel(name)}: {capital(name)};\n" for name in names)
    made = "".join(f"    this.{camel(name)} = new {capital(name)}(caller);\n" for name in names)
    parts.append(
        f"\n/** Every resource of the API. */\nexport class Resources {{\n{table}\n  constructor(caller: Caller) {{\n{made}  }}\n}}\n"
    )
    return "".join(parts)


def _method(one: Operation) -> str:
    arguments = [f"{camel(name)}: string" for name in one.arguments]
    given = "undefined"
    if one.body:
        arguments.append(
            f"body: t.{one.body}{' = {}' if one.body == 'EmptyInput' or one.name in _OPTIONAL_BODIES else ''}"
        )
        given = "body"
    elif one.query:
        arguments.append(f"query: t.{_params_name(one)} = {{}}")
        given = "query"
    arguments.append("options: RequestOptions = {}")
    path = one.path
    for name in one.arguments:
        path = path.replace(f"{{{name}}}", f"${{encodeURIComponent({camel(name)})}}")
    kind = one.answer.removeprefix("list:")
    gives = {"": "void", "bytes": "Uint8Array"}.get(kind, f"t.{kind}")
    query, body = (given, "undefined") if given == "query" else ("undefined", given)
    form = ", true" if one.is_form else ""
    if one.answer.startswith("list:"):
        return (
            f"\n  /** {one.summary}. */\n  {camel(one.name)}({', '.join(arguments)}): Pages<{gives}> {{\n"
            f"    return this.pages<{gives}>(`{path}`, '{kind}', options, {query});\n  }}\n"
        )
    return (
        f"\n  /** {one.summary}. */\n  {camel(one.name)}({', '.join(arguments)}): Promise<{gives}> {{\n"
        f"    return this.call<{gives}>('{one.method}', `{path}`, '{kind}', options, {query}, {body}{form});\n  }}\n"
    )


_OPTIONAL_BODIES = {"send", "test", "rotate_secret", "refund", "close", "lock", "pause", "resume", "post_draft"}


def _schemas(document: Json) -> str:
    """Of each schema the fields that are more than JSON: `#` for a decimal, `=` for a map whose names stay, else the
    name of a schema."""
    table: dict[str, dict[str, str]] = {}
    for name, schema in sorted(document["components"]["schemas"].items()):
        properties: Json = {}
        for part in [schema, *schema.get("allOf", ())]:
            if "$ref" in part:
                properties.update(
                    document["components"]["schemas"][part["$ref"].rpartition("/")[2]].get("properties", {})
                )
            properties.update(part.get("properties", {}))
        rows = {key: mark for key, value in properties.items() if (mark := _mark(value))}
        table[name] = rows
        data = properties.get("data", {})
        if "allOf" in schema and "properties" in data:
            table[f"{name}.data"] = {key: mark for key, value in data["properties"].items() if (mark := _mark(value))}
            rows["data"] = f"{name}.data"
    found = json.dumps(table, indent=1, ensure_ascii=False)
    events = {
        name: one["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for name, one in sorted(document["webhooks"].items())
    }
    return (
        f"// {_NOTE}\nexport const SCHEMAS: Readonly<Record<string, Readonly<Record<string, string>>>> = {found};\n"
        f"\nexport const EVENTS: Readonly<Record<string, string>> = {json.dumps(events, indent=1)};\n"
    )


def _mark(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for one in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        if found := _mark(one):
            return found
    kinds = schema.get("type", ())
    if "array" in kinds:
        return _mark(schema.get("items", {}))
    if "number" in kinds:
        return "#"
    inner = schema.get("additionalProperties")
    if "object" in kinds and "properties" not in schema:
        return "=#" if isinstance(inner, dict) and "number" in inner.get("type", ()) else "="
    return ""
