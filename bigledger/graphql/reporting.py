"""`reports(type, params)`: the envelope of every report, its rows as JSON, and typed under the report's own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_type_hints

import graphene
from msgspec import Struct
from rest_framework.exceptions import APIException

from bigledger.api.failures import to_catalogue
from bigledger.api.shapes import Shape
from bigledger.errors import ApiError
from bigledger.graphql.context import Context
from bigledger.graphql.enums import Enums
from bigledger.graphql.inputs import Inputs
from bigledger.graphql.names import camel, camel_path
from bigledger.graphql.scalars import JSON, DateTime
from bigledger.graphql.types import Types

Reports = Mapping[str, tuple[type[Shape], Callable[..., Any]]]
WEIGHT = 100


class ReportFields:
    """The fields that the reports give the schema. `reports` are the shape and the function of each, by its name."""

    def __init__(self, reports: Reports, enums: Enums, inputs: Inputs, types: Types) -> None:
        self.reports, self.enums, self.inputs, self.types = reports, enums, inputs, types

    def weights(self) -> Mapping[tuple[str, str], int]:
        """What a report costs, whatever is selected of it."""
        return {("Query", "reports"): WEIGHT}

    def field(self) -> Any:
        kind = self.enums.of("ReportType", tuple(self.reports))
        arguments = {
            "type": graphene.Argument(kind, required=True),
            "params": graphene.Argument(self._params()),
        }
        return graphene.Field(self._type(kind), arguments, resolver=self.resolve)

    def resolve(self, _: Any, info: Any, type: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Raises ApiError with the paths of parameters (`params.asOf`)."""
        context: Context = info.context
        context.principal.require("read", "reports")
        shape, report = self.reports[type.value]
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            return report(**shape.read(given))
        except (ApiError, APIException) as fault:
            error = to_catalogue(fault)
            error.details = [
                replace(detail, field=f"params.{camel_path(detail.field)}") if detail.field else detail
                for detail in error.details
            ]
            raise error from fault

    def _params(self) -> Any:
        fields: dict[str, Any] = {}
        for shape, _ in self.reports.values():
            for key, found, _required in self.inputs.fields("Report", shape, "Report"):
                fields.setdefault(key, graphene.InputField(found, name=camel(key)))
        fields["Meta"] = type_meta("ReportParams")
        return type("ReportParams", (graphene.InputObjectType,), fields)

    def _type(self, kind: Any) -> Any:
        fields: dict[str, Any] = {
            "type": graphene.Field(kind, required=True),
            "params": graphene.Field(JSON, required=True),
            "generatedAt": graphene.Field(DateTime, required=True, resolver=lambda found, info: found.generated_at),
            "asOfSeq": graphene.Field(graphene.Int, required=True, resolver=lambda found, info: found.as_of_seq),
            "currency": graphene.String(required=True),
            "rows": graphene.Field(graphene.List(graphene.NonNull(JSON)), required=True),
            "totals": graphene.Field(JSON, required=True),
            "linesUrl": graphene.String(resolver=lambda found, info: getattr(found, "lines_url", None)),
        }
        for name, (_, report) in self.reports.items():
            fields[camel(name)] = self._typed(get_type_hints(report)["return"])
        return type("Report", (graphene.ObjectType,), fields)

    def _typed(self, struct: type[Struct]) -> Any:
        """The report itself under its own type; null for any other report."""
        return graphene.Field(
            self.types.of(struct), resolver=lambda found, info: found if isinstance(found, struct) else None
        )


def type_meta(name: str) -> type:
    return type("Meta", (), {"name": name})
