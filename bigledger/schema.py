"""The GraphQL schema, one: of what every app declares and of what belongs to the machine."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F
from django.utils.module_loading import import_string

from bigledger.api.resource import OBJECT, Resource
from bigledger.apps import business_apps
from bigledger.feed import EVENTS, HeadBody, head
from bigledger.graphql.building import Schema, build
from bigledger.graphql.declared import EVERY_EVENT, PARENT, Below, Declaration, Node, Single, Subscription
from bigledger.identity.schema import FIELDS
from bigledger.reports import REPORTS


def _history(resource: Resource) -> Below:
    """`account.history`: the events of the object. A webhook endpoint has other `events`."""
    return Below(resource, "history", EVENTS, lambda ids: resource.history(ids).annotate(**{PARENT: F(OBJECT)}))


def _declared() -> Iterator[Declaration]:
    declared = [field for app in business_apps() if app.schema for field in import_string(f"{app.schema}.FIELDS")]
    for field in (*declared, *FIELDS):
        yield field
        if isinstance(field, Node) and field.is_root:
            yield _history(field.resource)
    yield Node(EVENTS)
    yield Subscription("event_added", EVENTS, EVERY_EVENT)
    yield Single("audit_head", HeadBody, "events", head)


SCHEMA: Schema = build(list(_declared()), REPORTS)
