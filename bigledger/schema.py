"""The GraphQL schema, one: of what every app declares and of what belongs to the machine."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.module_loading import import_string

from bigledger.apps import business_apps
from bigledger.feed import EVENTS, HeadBody, head
from bigledger.graphql.building import Schema, build
from bigledger.graphql.declared import EVERY_EVENT, Declaration, Node, Single, Subscription
from bigledger.identity.schema import FIELDS
from bigledger.reports import REPORTS


def _declared() -> Iterator[Declaration]:
    for app in business_apps():
        if app.schema:
            yield from import_string(f"{app.schema}.FIELDS")
    yield from FIELDS
    yield Node(EVENTS)
    yield Subscription("event_added", EVENTS, EVERY_EVENT)
    yield Single("audit_head", HeadBody, "events", head)


SCHEMA: Schema = build(list(_declared()), REPORTS)
