"""GraphQL documents of sockets: begun in a thread, and what a subscription shows of an event, computed once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.db import Error, transaction
from graphql import GraphQLError

from bigledger import exact_json, ids, logs
from bigledger.access import limits
from bigledger.access.principal import Principal
from bigledger.errors import ApiError
from bigledger.graphql.context import Context
from bigledger.graphql.declared import EVERY_EVENT
from bigledger.graphql.documents import Refused
from bigledger.graphql.execution import Answer, ask, shown
from bigledger.graphql.failures import raised
from bigledger.graphql.subscribing import Subscribed, subscribed
from bigledger.live.channels import checked_channels, checked_seq, readable, types_of
from bigledger.live.credentials import Credential
from bigledger.live.log import LogEvent
from bigledger.live.threads import DOCUMENTS
from bigledger.schema import SCHEMA
from bigledger.tenants.context import entered, tenant_context

_MOST_KEPT, _MOST_BYTES_KEPT = 2_000, 16 * 1024 * 1024
_AGAIN_SECONDS = 0.5

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """What a client sends in `subscribe`."""

    text: str
    variables: Mapping[str, Any] | None
    operation_name: str | None

    def key(self) -> str:
        """The same for documents that show the same."""
        return exact_json.encode([self.text, self.variables, self.operation_name]).decode()


class NotBegun(Exception):
    """A document that is not executed; `errors` as GraphQL shows them."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Watched:
    """A subscription that was begun: `named` are its types of events, whether the caller may read them or not."""

    subscribed: Subscribed
    key: str
    named: frozenset[str]
    after: int | None

    def types(self, principal: Principal) -> frozenset[str]:
        return self.named & readable(principal)

    def is_about(self, event: LogEvent) -> bool:
        return self.subscribed.object_id in (None, event.object_id)


def begin(document: Document, credential: Credential) -> Answer | Watched:
    """Answers a query or a mutation, or begins a subscription; in a transaction of its own, counted as a request.

    Raises NotBegun.
    """
    request_id = ids.new_request_id()
    token = logs.request_id.set(request_id)
    slot = None
    try:
        with transaction.atomic():
            principal = credential.principal()
            slot = limits.take(principal.tenant)
            with entered(principal.tenant):
                return _begun(document, Context(principal, request_id))
    except Refused as refusal:
        raise NotBegun(shown(refusal.errors, request_id)) from None
    except GraphQLError as fault:
        raise NotBegun(shown([fault], request_id)) from None
    except ApiError as fault:
        raise NotBegun([raised(fault, request_id)]) from None
    finally:
        limits.release(slot)
        logs.request_id.reset(token)


def _begun(document: Document, context: Context) -> Answer | Watched:
    asked = ask(SCHEMA, document.text, document.variables, document.operation_name)
    if not asked.is_subscription:
        answer = asked.answer(context)
        if answer.status >= 400:
            transaction.set_rollback(True)
        return answer
    found = subscribed(asked, context)
    named = frozenset({found.declared.event})
    if found.declared.event == EVERY_EVENT:
        given = found.arguments.get("types")
        channels = checked_channels(["*"] if given is None else given, context.principal, field="types")
        named = frozenset[str]().union(*map(types_of, channels))
    return Watched(found, document.key(), named, checked_seq(found.arguments.get("after")))


class Results:
    """What subscriptions show of events, as JSON. Callers with the same role and scopes see the same, so a result is
    computed once for all of them."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[Any, ...], asyncio.Task[str]] = OrderedDict()
        self._bytes = 0

    async def of(self, watched: Watched, event: LogEvent, principal: Principal) -> str:
        """The payload of `next`: data and errors, and the event's number under `extensions`."""
        key = (principal.tenant.id, event.seq, watched.key, principal.role, principal.scopes)
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.get_running_loop().create_task(self._make(watched, event, principal))
            task.add_done_callback(partial(self._keep, key))
        return await asyncio.shield(task)

    def _keep(self, key: tuple[Any, ...], made: asyncio.Task[str]) -> None:
        """A result is there; the oldest go beyond what may be kept, unless they are still being computed."""
        if made.cancelled() or made.exception():
            self._made.pop(key, None)
            return
        self._bytes += len(made.result())
        while self._made and (len(self._made) > _MOST_KEPT or self._bytes > _MOST_BYTES_KEPT):
            oldest = next(iter(self._made.values()))
            if not oldest.done():
                return
            self._made.popitem(last=False)
            if not oldest.exception():  # one that has failed was never counted
                self._bytes -= len(oldest.result())

    async def _make(self, watched: Watched, event: LogEvent, principal: Principal) -> str:
        """As soon as the database answers."""
        while True:
            try:
                answer = await DOCUMENTS.run(_answered, watched, event, principal)
            except Error as fault:
                logger.warning("subscription_not_computed", error=str(fault))
            else:
                if answer.status != 503:
                    return exact_json.encode({**answer.body, "extensions": {"seq": event.seq}}).decode()
            await asyncio.sleep(_AGAIN_SECONDS)


def _answered(watched: Watched, event: LogEvent, principal: Principal) -> Answer:
    with tenant_context(principal.tenant):
        return watched.subscribed.answer(Context(principal, ids.new_request_id()), event.body)


results = Results()
