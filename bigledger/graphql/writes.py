"""How a mutation is carried out: in a savepoint of its own, by the service that REST calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from rest_framework import exceptions

from bigledger.api.failures import to_catalogue
from bigledger.api.lookup import find
from bigledger.dry_run import dry_run
from bigledger.errors import ApiError, Detail, ResourceNotFound
from bigledger.graphql.context import Context
from bigledger.graphql.declared import Write
from bigledger.graphql.documents import Earlier
from bigledger.graphql.names import camel, camel_path


@dataclass(frozen=True, slots=True)
class Gone:
    """What a deletion gives: the id of what is not there any more."""

    id: str
    deleted: bool = True


@dataclass(frozen=True)
class Mutation:
    """`type_name` is that of the answer; `load` loads what is selected of it, before the savepoint ends."""

    write: Write
    row_name: str
    type_name: str
    load: Callable[[Any, Any], None]

    def resolve(self, _: Any, info: Any, **arguments: Any) -> Any:
        """Its own savepoint: a mutation that fails leaves nothing, and those before it stand."""
        context: Context = info.context
        validate_only = arguments.pop("validate_only", None)
        context.forget()
        made, context.made[self.type_name] = dict(context.made), None
        try:
            with ExitStack() as stack:
                left = stack.enter_context(dry_run()) if validate_only else None
                stack.enter_context(transaction.atomic())
                context.principal.require("write", self.write.of.name)
                found = self._perform(context, _bound(made, arguments))
                self.load(info, found)
                if left:
                    transaction.set_rollback(True)
        except (ApiError, exceptions.APIException) as fault:
            raise self._as_arguments(fault) from fault
        if left:
            context.rehearsed[info.path.key] = {"journal_lines": left.journal_lines, "events": left.events}
        context.made[self.type_name] = found.id
        return found

    def _perform(self, context: Context, arguments: dict[str, Any]) -> Any:
        write = self.write
        row = find((write.rows or write.of.all)(), arguments.pop(write.id_name)) if write.names_row else None
        taken = self._taken(arguments)
        values: dict[str, Any] = {"changes": taken} if write.partial else taken
        if row is not None:
            values[self.row_name] = row
        body = write.run(**values, acting=context.principal)
        return body if write.gives or row is None else Gone(row.public_id)

    def _taken(self, arguments: dict[str, Any]) -> dict[str, Any]:
        write = self.write
        if write.takes is None:
            return {}
        given = arguments if write.flat else arguments["input"]
        read = write.takes.read(_plain(given), partial=write.partial)
        return write.prepare(read) if write.prepare else read

    def _as_arguments(self, fault: Exception) -> ApiError:
        """The fault with the paths of arguments: `input.lines[0].unitPrice` for `lines[0].unit_price`."""
        error = to_catalogue(fault)
        error.details = [self._renamed(detail) for detail in error.details]
        return error

    def _renamed(self, detail: Detail) -> Detail:
        if detail.field is None:
            return detail
        path = camel_path(detail.field)
        within = self.write.takes is not None and not self.write.flat
        return replace(detail, field=f"input.{path}" if within else path)


def _bound(made: Mapping[str, str | None], value: Any) -> Any:
    """The arguments with the ids of earlier fields of the document. Raises ResourceNotFound if one failed."""
    if isinstance(value, Earlier):
        identifier = made.get(value.type_name)
        if identifier is None:
            message = f"${value.variable} is the id of an earlier {camel(value.type_name)}, which was not made."
            raise ResourceNotFound(message)
        return identifier
    if isinstance(value, Mapping):
        return {name: _bound(made, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_bound(made, inner) for inner in value]
    return value


def _plain(value: Any) -> Any:
    """What a shape reads: dictionaries, lists and the values of enums."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return getattr(value, "value", value)
