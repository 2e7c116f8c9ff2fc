"""What an OpenAPI document lost since an older one: `/v1` only ever grows."""

from __future__ import annotations

from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


def losses(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Each operation, parameter, answer, field or enum member that is gone, and each that became required."""
    found: list[str] = []
    for path, operations in old["paths"].items():
        for method in (m for m in _METHODS if m in operations):
            place = f"{method.upper()} {path}"
            if method not in new["paths"].get(path, {}):
                found.append(f"{place} is gone")
                continue
            found += _operation_losses(place, operations[method], new["paths"][path][method])
    schemas = new["components"]["schemas"]
    for name, schema in old["components"]["schemas"].items():
        found += _schema_losses(name, schema, schemas[name]) if name in schemas else [f"schema {name} is gone"]
    return found


def _operation_losses(place: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    was = {(p["in"], p["name"]): p for p in old.get("parameters", [])}
    now = {(p["in"], p["name"]): p for p in new.get("parameters", [])}
    found = [f"{place}: parameter {name} is gone" for where, name in was.keys() - now.keys()]
    found += [
        f"{place}: parameter {name} became required"
        for where, name in now
        if now[where, name].get("required") and not was.get((where, name), {}).get("required")
    ]
    found += [
        loss
        for key in was.keys() & now.keys()
        for loss in _schema_losses(f"{place} {key[1]}", was[key]["schema"], now[key]["schema"])
    ]
    successes = {status for status in old["responses"] if status < "300"} - new["responses"].keys()
    return found + [f"{place}: answer {status} is gone" for status in successes]


def _schema_losses(place: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = [f"{place}: {value} is gone" for value in old.get("enum", []) if value not in new.get("enum", [value])]
    if old.get("type") != new.get("type") and "type" in old:
        found.append(f"{place}: type {old['type']} became {new.get('type')}")
    properties = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        if name not in properties:
            found.append(f"{place}.{name} is gone")
        else:
            found += _schema_losses(f"{place}.{name}", schema, properties[name])
    if place.endswith("Input"):
        found += [
            f"{place}.{name} became required" for name in new.get("required", []) if name not in old.get("required", [])
        ]
    return found
