"""`?expand=customer,lines.account` and `?fields=id,total`, on single objects and on lists.

A resource declares what of it can be expanded; the names of the fields come from the type of its body.
Expanding costs one query per expansion, for one object and for a hundred.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union, get_args, get_origin

from msgspec import UNSET, Struct, structs

from bigledger.errors import Detail, ValidationFailed

MAX_DEPTH = 4
_MAX_NAMES = 50

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expansion:
    """An object that can stand in place of its id: its body's type, and how many of them are read at once.

    `load` takes public ids and gives the bodies under them. `expansions` is a function because a resource
    may expand to itself (an account's parent).
    """

    body: type[Struct]
    load: Callable[[Sequence[str]], Mapping[str, Struct]]
    expansions: Callable[[], Mapping[str, Expansion]] = field(default=dict)


class Selection:
    """The fields and expansions that a caller has selected, checked against those that exist."""

    def __init__(
        self, body: type[Struct], expansions: Mapping[str, Expansion], *, fields: str | None, expand: str | None
    ) -> None:
        """Raises ValidationFailed naming each unknown path and the closest valid one."""
        faults: list[Detail] = []
        self.steps = [step for path in _split(expand, "expand", faults) for step in _steps(path, expansions, faults)]
        self.steps = list({path: (path, expansion) for path, expansion in self.steps}.values())
        self.tree: Tree = {}
        shown = {path: expansion.body for path, expansion in self.steps}
        for path in _split(fields, "fields", faults):
            if fault := _unknown_field(path, body, shown):
                faults.append(Detail(fault, field="fields", code="unknown_field"))
            node = self.tree
            for name in path.split("."):
                node = node.setdefault(name, {})
        if faults:
            raise ValidationFailed(details=faults)

    def apply(self, bodies: Sequence[Struct]) -> list[Any]:
        rows = [_plain(body) for body in bodies]
        for path, expansion in self.steps:
            _expand(rows, path.split("."), expansion)
        return [_pick(row, self.tree) for row in rows] if self.tree else rows


def _plain(value: Any) -> Any:
    """Structs as dictionaries, all the way down; what stands in their fields stays the object it is, so that the
    encoder writes it as it writes it in a whole body (frozen text, which msgspec refuses to convert, as well)."""
    if isinstance(value, Struct):
        shown = ((field.encode_name, getattr(value, field.name)) for field in structs.fields(value))
        return {name: _plain(inner) for name, inner in shown if inner is not UNSET}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _split(text: str | None, parameter: str, faults: list[Detail]) -> list[str]:
    if text is None:
        return []
    names = [name.strip() for name in text.split(",")]
    if len(names) > _MAX_NAMES:
        faults.append(Detail(f"Must have at most {_MAX_NAMES} names.", field=parameter, code="too_many"))
        return []
    return names


def _steps(path: str, expansions: Mapping[str, Expansion], faults: list[Detail]) -> list[tuple[str, Expansion]]:
    """(path, expansion) for each object on the way of `path`, outermost first."""
    found: list[tuple[str, Expansion]] = []
    prefix, rest, known = "", path, expansions
    while rest:
        name = next((n for n in known if rest == n or rest.startswith(f"{n}.")), None)
        if name is None:
            close = difflib.get_close_matches(rest, list(known), n=1)
            hint = f" Did you mean {prefix}{close[0]}?" if close else ""
            faults.append(Detail(f"{path[:80]} cannot be expanded.{hint}", field="expand", code="unknown_field"))
            return []
        found.append((f"{prefix}{name}", known[name]))
        if len(found) > MAX_DEPTH:
            faults.append(Detail(f"Can expand at most {MAX_DEPTH} levels.", field="expand", code="too_many"))
            return []
        prefix, rest, known = f"{prefix}{name}.", rest[len(name) + 1 :], known[name].expansions()
    if not found:
        faults.append(Detail("Must name at least one relation to expand.", field="expand", code="blank"))
    return found


def _inner(type_: Any) -> Any:
    """The struct inside a list or an optional, if there is one."""
    if get_origin(type_) in (Union, types.UnionType, list):
        return next((inner for part in get_args(type_) if (inner := _inner(part))), None)
    return type_ if isinstance(type_, type) and issubclass(type_, Struct) else None


def _unknown_field(path: str, body: type[Struct], expanded: Mapping[str, type[Struct]]) -> str | None:
    """The fault of `path`, or None."""
    current: Any = body
    seen = ""
    for name in path.split("."):
        names = {f.name: f.type for f in structs.fields(current)} if current else {}
        seen = f"{seen}.{name}" if seen else name
        here = {p.rpartition(".")[2] for p in expanded if p.rpartition(".")[0] == seen.rpartition(".")[0]}
        if name not in names and name not in here:
            close = difflib.get_close_matches(name, [*names, *here], n=1)
            return f"There is no field {path[:80]}." + (f" Did you mean {close[0]}?" if close else "")
        current = expanded[seen] if seen in expanded else _inner(names[name])
    return None


def _containers(row: Any, path: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The dictionaries that hold the last name of `path`, through lists and nested objects."""
    if isinstance(row, list):
        for item in row:
            yield from _containers(item, path)
    elif isinstance(row, dict):
        if len(path) == 1:
            yield row
        else:
            yield from _containers(row.get(path[0]), path[1:])


def _expand(rows: list[Any], path: Sequence[str], expansion: Expansion) -> None:
    name = path[-1]
    places = [(container, _id_of(container, name)) for container in _containers(rows, path)]
    wanted = sorted({identifier for _, identifier in places if identifier})
    found = {key: _plain(body) for key, body in expansion.load(wanted).items()} if wanted else {}
    for container, identifier in places:
        # A copy each: a deeper expansion writes into it.
        container[name] = dict(found[identifier]) if identifier in found else None


def _id_of(container: Mapping[str, Any], name: str) -> str | None:
    """The id that stands for the object: `{"id": …}`, the id itself, or `<name>_id` beside it."""
    value = container.get(name, container.get(f"{name}_id"))
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None


def _pick(row: Any, tree: Tree) -> Any:
    if not tree:
        return row
    if isinstance(row, list):
        return [_pick(item, tree) for item in row]
    if not isinstance(row, dict):
        return row
    return {name: _pick(value, tree[name]) for name, value in row.items() if name in tree}
