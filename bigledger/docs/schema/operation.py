"""How an operation is described in OpenAPI 3.1, from what its view declares: listing, shapes, bodies, scopes.

REST framework loads this with the first view, so it cannot import one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from msgspec import Struct
from rest_framework.permissions import AllowAny

from bigledger import errors
from bigledger.api.describe import Description
from bigledger.api.listing import Listing
from bigledger.api.resource import singular
from bigledger.api.selection import Expansion
from bigledger.api.shapes import Shape
from bigledger.docs.schema import fields, names, structs  # noqa: F401 - `fields` registers how fields are described
from bigledger.docs.schema.components import Json, dry_run_schema, list_schema
from bigledger.docs.schema.parameters import (
    filter_parameters,
    header_parameter,
    header_references,
    list_parameters,
    named_parameter,
)
from bigledger.rules import RULES_PATH

_VERBS = {"retrieve": "Get", "partial_update": "Update", "destroy": "Delete", "post_draft": "Post"}
_WRITING = ("POST", "PATCH", "PUT", "DELETE")


class ApiAutoSchema(AutoSchema):
    """One operation. Everything is read from the declarations of the view."""

    view: Any

    def get_operation_id(self) -> str:
        return names.of_operation(self.view, self.method, self.path)

    def get_tags(self) -> list[str]:
        return [self.view.resource.replace("_", " ").capitalize()]

    def get_summary(self) -> str:
        many = self.view.resource.replace("_", " ")
        one = singular(many)
        first_line = (getattr(self.view, self.view.action).__doc__ or "").strip().partition("\n")[0]
        if first_line:
            return first_line.rstrip(".")
        verb = _VERBS.get(self.view.action, self.view.action.replace("_", " ").capitalize())
        article = "an" if one[0] in "aeiou" else "a"
        return f"{verb} {many}" if self.view.action in ("list", "bulk") else f"{verb} {article} {one}"

    def get_description(self) -> str:  # type: ignore[override] # as spectacular's own
        text = (getattr(self.view, self.view.action).__doc__ or "").strip()
        if self._open_to_all():
            return text
        named = ", ".join(f"[`{name}`]({RULES_PATH}#{name})" for name in self._rules())
        rules = f"\n\nRules: {named}." if named else ""
        return f"{text}\n\nScope: `{self._scope()}`.{rules}".strip()

    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation: Json | None = super().get_operation(*args, **kwargs)
        if operation:
            operation["x-sdk"] = [self.view.resource, names.of_method(self.view)]
            operation.setdefault("security", [])  # spectacular leaves an empty one out, which would mean that of all
            if rules := self._rules():
                operation["x-rules"] = rules
        return operation

    def _rules(self) -> list[str]:
        """The business rules that the operation may break, in the order that its view names them."""
        described = self._description()
        return list(dict.fromkeys(rule.name for rule in described.rules)) if described else []

    def get_auth(self) -> list[Json]:
        if self._open_to_all():
            return []
        return [{"bearer": []}, {"oauth2": [self._scope()]}]

    def _scope(self) -> str:
        return f"{'read' if self.method == 'GET' else 'write'}:{self.view.resource}"

    def _open_to_all(self) -> bool:
        return AllowAny in self.view.permission_classes

    def _listing(self) -> Listing | None:
        described = self._description()
        if described and described.listing:
            return described.listing
        return self.view.of.listing if self.view.action == "list" else None

    def _description(self) -> Description | None:
        found: Description | None = self.view.operation
        return found

    def _get_parameters(self) -> list[Json]:
        names = self.view.known_parameters()
        found = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"},
             "description": "An id or a natural key"}
            for name in self.path.split("{")[1:] for name in [name.partition("}")[0]]
        ]  # fmt: skip
        if listing := self._listing():
            found += list(list_parameters(listing))
            names = ("expand", "fields")
        if (described := self._description()) and described.filtering:
            found += list(filter_parameters(described.filtering))
        expansions = self.view.selectable[1] if self.view.selectable else {}
        own = [described.query] if (described := self._description()) and described.query else []
        declared = {name for shape in own for name in shape().fields}
        found += [named_parameter(name, expansions) for name in names or () if name not in declared]
        found += self._query_of([*getattr(self.view, "query_shapes", ()), *own])
        if self.method in _WRITING:
            found.append(
                header_parameter("Idempotency-Key", "A write that is sent twice with the same key is performed once")
            )
        if self.method in ("PATCH", "DELETE"):
            found.append(
                header_parameter(
                    "If-Match", "The ETag that the edit is based on; the answer is 412 if the object has changed since"
                )
            )
        if self.method == "GET" and self.view.action == "retrieve" and self.view.body:
            found.append(
                header_parameter(
                    "If-None-Match", "The ETag that you have; the answer is 304 if the object has not changed"
                )
            )
        return found

    def _query_of(self, shapes: Iterable[type[Shape]]) -> Iterable[Json]:
        """The fields of the shapes that read the query themselves, each once."""
        declared = {name: field for shape in shapes for name, field in shape().fields.items()}
        for name, field in declared.items():
            yield {"name": name, "in": "query", "schema": self._map_serializer_field(field, "request")}

    def _get_request_body(self, direction: str = "request") -> Json | None:
        described = self._description()
        if described is None or described.takes is None:
            return None
        component = self.resolve_serializer(described.takes(partial=self.method == "PATCH"), "request")
        content: Json = {"schema": component.ref if component else {"type": "object", "additionalProperties": False}}
        if described.example:
            file = {"file": "the bytes of the file"} if "file" in described.takes().fields else {}
            content["example"] = {**file, **described.example}
        parsers = {parser.media_type for parser in self.view.parser_classes}
        contents = dict.fromkeys(sorted(parsers), content)
        if described.csv:
            contents["text/csv"] = {"schema": {"type": "string"}, "example": described.csv}
        return {"content": contents, "required": self.method != "PATCH"}

    def _get_response_bodies(self, direction: str = "response") -> Json:
        status, schema, media = self._success()
        common = ["X-Request-ID", "X-API-Version", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
        single = self.view.action in ("create", "retrieve", "partial_update") and self.view.body
        own = (["ETag"] if single else []) + (["Idempotent-Replayed"] if self.method in _WRITING else [])
        headers = header_references([*common, *own])
        success: Json = {"description": "Success", "headers": headers}
        if schema is not None:
            success["content"] = {media: {"schema": schema}}
            for other in getattr(self.view, "other_media", ()):
                success["content"][other] = {"schema": {"type": "string", "format": "binary"}}
        responses = {str(status): success}
        if self.method in _WRITING and status != 200:
            meaning = "The result that the request would have without `validate_only`"
            responses["200"] = {"description": meaning, "headers": header_references(common),
                                "content": {"application/json": {"schema": dry_run_schema(schema)}}}  # fmt: skip
        if self.method == "GET" and self.view.action == "retrieve" and self.view.body:
            responses["304"] = {"description": "Not modified", "headers": headers}
        for error in self._errors():
            responses[str(error.status)] = {"$ref": f"#/components/responses/{error.status}"}
        return responses

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Json:
        # A shape refuses what it does not know.
        return {**super()._map_basic_serializer(serializer, direction), "additionalProperties": False}

    def _success(self) -> tuple[int, Json | None, str]:
        described = self._description()
        if described and described.media:
            return described.status, {"type": "string", "format": "binary"}, described.media
        body = described.gives if described else self.view.body
        if self.view.action == "destroy":
            return 204, None, ""
        if body is None:
            return (described.status if described else 200), None, ""
        selectable = self.view.selectable
        schema = self._struct(body, selectable[1] if selectable and selectable[0] is body else None)
        if self._listing():
            schema = self._page_of(body)
        return (described.status if described else 200), schema, "application/json"

    def _struct(self, body: type[Struct], expansions: Mapping[str, Expansion] | None = None) -> Json:
        """A reference to the struct's schema; it and those inside it become components. Raises TypeError for a name
        that another struct has: one of the two would be described as the other."""
        name = names.of_struct(body)
        made = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=body)
        if made not in self.registry:
            made.schema = structs.described(body)
            self.registry.register(made)
            for part in structs.inside(body):
                self._struct(part)
        elif self.registry[made].object is not body:
            raise TypeError(f"two structs are called {name}")
        for path, expansion in (expansions or {}).items():
            self._expandable(body, path.split("."), expansion)
        return structs.reference(body)

    def _page_of(self, body: type[Struct]) -> Json:
        """A reference to the page of a list of these structs."""
        made = ResolvedComponent(
            name=f"{names.of_struct(body)}List",
            type=ResolvedComponent.SCHEMA,
            object=list[body],  # type: ignore[valid-type] # the identity that the registry asks for
            schema=list_schema(structs.reference(body)),
        )
        self.registry.register_on_missing(made)
        return dict(made.ref)

    def _expandable(self, body: type[Struct], path: Sequence[str], expansion: Expansion) -> None:
        """Adds what `expand` shows in place of an id, as a member that is there only then."""
        if len(path) > 1:
            (inner,) = structs.inside_field(body, path[0])
            self._expandable(inner, path[1:], expansion)
            return
        made = ResolvedComponent(name=names.of_struct(body), type=ResolvedComponent.SCHEMA, object=body)
        properties = self.registry[made].schema["properties"]
        shown = self._struct(expansion.body)
        if path[0] not in body.__struct_fields__:
            properties[path[0]] = structs.nullable(shown)
            return
        for short in structs.inside_field(body, path[0]):  # the account of a line, which then has all its fields
            short_form = self.registry[names.of_struct(short), ResolvedComponent.SCHEMA].schema
            whole = self.registry[names.of_struct(expansion.body), ResolvedComponent.SCHEMA].schema
            short_form["properties"] = {**whole["properties"], **short_form["properties"]}

    def _errors(self) -> Iterable[type[errors.ApiError]]:
        yield errors.ValidationFailed
        yield errors.AuthenticationFailed
        yield errors.PermissionDenied
        yield errors.ResourceNotFound
        yield errors.RateLimitExceeded
        yield errors.InternalError
        yield errors.ServiceUnavailable
        if self.method in _WRITING:
            yield errors.Conflict
            yield errors.PreconditionFailed
            yield errors.PayloadTooLarge
            yield errors.UnsupportedMediaType
            yield errors.BusinessRuleViolation
