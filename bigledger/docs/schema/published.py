"""What the document says beside its operations: sign-in, one webhook for each type of event, each field in words."""

from __future__ import annotations

from typing import Any

from bigledger.access.scopes import SCOPES
from bigledger.api.resource import RESOURCES
from bigledger.docs.schema.names import capital, of_struct
from bigledger.docs.schema.wording import wording
from bigledger.events.registry import EventType, event_types

Json = dict[str, Any]


def security_schemes() -> Json:
    """A credential as it is sent, and how an application gets one by OAuth 2.0."""
    tokens = {"tokenUrl": "/oauth/token", "refreshUrl": "/oauth/token", "scopes": SCOPES}
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, OAuth 2.0 token or JWT"},
        "oauth2": {
            "type": "oauth2",
            "description": "Authorization code with PKCE for people, client credentials for programs",
            "flows": {
                "authorizationCode": {"authorizationUrl": "/oauth/authorize", **tokens},
                "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": SCOPES},
            },
        },
    }


def webhooks(schemas: Json) -> Json:
    """One entry for each type of event, whose schema says what `data` holds."""
    bodies = {resource.singular: of_struct(resource.body) for resource in RESOURCES.values()}
    found = {}
    for event in event_types():
        name = "".join(capital(part) for part in event.name.split(".")) + "Event"
        schemas[name] = _event_schema(event, bodies.get(event.resource, capital(event.resource)), schemas)
        found[event.name] = {
            "post": {
                "operationId": f"on{name.removesuffix('Event')}",
                "summary": event.description,
                "description": f"{event.description}. How deliveries are signed and repeated: `/docs/webhooks`.",
                "tags": ["Events"],
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                },
                "responses": {"2XX": {"description": "Received"}, "4XX": {"description": "Refused; sent again later"}},
            }
        }
    return found


def _event_schema(event: EventType, body: str, schemas: Json) -> Json:
    whole = body in schemas and not event.is_partial
    shown = {"$ref": f"#/components/schemas/{body}"} if whole else {"type": "object", "additionalProperties": True}
    data = {"type": "object", "properties": {event.resource: shown}, "required": [event.resource]}
    about = {
        "type": {"type": "string", "const": event.name, "description": "The type of the event"},
        "data": {**data, "description": "The object as the API showed it when the event occurred"},
    }
    own = {"type": "object", "properties": about, "required": ["type", "data"]}
    return {"description": event.description, "allOf": [{"$ref": "#/components/schemas/Event"}, own]}


def describe_properties(schemas: Json) -> None:
    """Gives each field of each object its words."""
    for owner, schema in schemas.items():
        _describe(owner, schema)


def _describe(owner: str, schema: Json) -> None:
    for part in schema.get("allOf", ()):
        _describe(owner, part)
    for name, field in schema.get("properties", {}).items():
        place = f"{owner}.{name}"
        text = wording(owner, name)
        if text and not ("description" in field and not field["description"].startswith("* `")):
            field["description"] = text
        _describe(place, field)
        if isinstance(field.get("items"), dict):
            _describe(place, field["items"])
