"""The plain JSON protocol: `auth`, `subscribe`, `unsubscribe`, `watch`, `unwatch`, `ping`.

→ {"type": "auth", "token": "blg_…"}       or the Authorization header of the handshake, or a session
← {"type": "ready", "tenant": "…", "seq": 41}
→ {"type": "subscribe", "channels": ["invoice.*", "payment.received"], "after": 40}
← {"type": "subscribed", "channels": ["invoice.*", "payment.received"], "after": 40}
← {"type": "event", "seq": 41, "event": {…}}
→ {"type": "unsubscribe", "channels": ["invoice.*"]}
← {"type": "unsubscribed", "channels": ["invoice.*"]}
→ {"type": "watch", "name": "dashboard"}
← {"type": "state", "name": "dashboard", "etag": "…", "data": {…}}       the whole, then what changes of it
← {"type": "changed", "name": "dashboard", "from": "…", "etag": "…", "changed": {…}}
→ {"type": "unwatch", "name": "dashboard"}     ← {"type": "unwatched", "name": "dashboard"}
← {"type": "error", "error": {…}}           a message that was not carried out
→ {"type": "ping"}     ← {"type": "pong"}
← {"type": "ping"}     every 25 s; an answer is not needed
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings

from bigledger import ids
from bigledger.errors import ApiError, Detail, ValidationFailed, envelope
from bigledger.live.channels import MOST_CHANNELS, checked_channels, checked_seq, readable, types_of
from bigledger.live.consumer import SocketConsumer
from bigledger.live.log import LogEvent
from bigledger.live.states import STATES, WatchedState, states
from bigledger.live.streams import Follower, streams

_FIELDS = {
    "auth": {"token"},
    "ping": set[str](),
    "pong": set[str](),
    "subscribe": {"channels", "after"},
    "unsubscribe": {"channels"},
    "watch": {"name"},
    "unwatch": {"name"},
}


class Subscription(Follower):
    """The channels of one `subscribe`. `first` is the position at which it began."""

    def __init__(self, socket: PlainConsumer, channels: Iterable[str]) -> None:
        assert socket.principal  # noqa: S101 - subscriptions come after authentication
        self.tenant_id = socket.principal.tenant.id
        self.socket, self.channels = socket, set(channels)
        self.first = 0
        self.task: asyncio.Task[None] | None = None

    def types(self) -> frozenset[str]:
        assert self.socket.principal  # noqa: S101
        return self.named & readable(self.socket.principal)

    @property
    def named(self) -> frozenset[str]:
        return frozenset[str]().union(*map(types_of, self.channels))

    @property
    def has_room(self) -> bool:
        return self.socket.backlog.has_room

    async def room(self) -> None:
        await self.socket.backlog.room()

    def take(self, event: LogEvent) -> None:
        """Sends it, unless another subscription of this socket has sent it."""
        if not any(other.has_sent(event) for other in self.socket.subscriptions if other is not self):
            self.socket.backlog.put(event.text, event.size)

    def has_sent(self, event: LogEvent) -> bool:
        return self.position is not None and self.first < event.seq <= self.position and event.type in self.types()

    def fail(self) -> None:
        self.socket.fail()


class PlainConsumer(SocketConsumer):
    """A socket without a subprotocol."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.subscriptions: list[Subscription] = []
        self.watched: dict[str, WatchedState] = {}

    async def opened(self) -> None:
        if "authorization" in self.headers:
            await self.authenticate(self.credential_of(None))

    def admitted(self, seq: int) -> None:
        assert self.principal  # noqa: S101 - it was just set
        self.put({"type": "ready", "tenant": str(self.principal.tenant.id), "seq": seq})

    async def received(self, kind: str, message: dict[str, Any]) -> None:
        if kind not in _FIELDS:
            await self.close(4400, "Unknown message type")
        elif kind == "auth":
            await self._auth(message)
        elif kind == "pong":
            pass
        elif kind == "ping":
            self.put({"type": "pong"})
        elif self.principal is None:
            await self.close(4401, "Authenticate first")
        else:
            try:
                _refuse_unknown(kind, message)
                _DO[kind](self, message)
            except ApiError as fault:
                self._put_error(fault)

    async def _auth(self, message: dict[str, Any]) -> None:
        token = message.get("token")
        if self.principal is not None:
            await self.close(4400, "The socket is authenticated already")
        elif token is None:
            await self.authenticate(self.credential_of(None))
        else:
            await self.authenticate(self.credential_of(f"Bearer {token}"))

    def _subscribe(self, message: dict[str, Any]) -> None:
        """Channels that the socket has already stay as they are."""
        assert self.principal  # noqa: S101 - checked by the caller of this
        after = checked_seq(message.get("after"))
        channels = checked_channels(message.get("channels"), self.principal)
        had = {channel: one for one in self.subscriptions for channel in one.channels}
        if len({*had, *channels}) > MOST_CHANNELS:
            raise ValidationFailed.at("channels", f"A socket has at most {MOST_CHANNELS} channels.", "too_many")
        new = [channel for channel in channels if channel not in had]
        if not new:
            first = min(had[channel].first for channel in channels)
            self.put({"type": "subscribed", "channels": channels, "after": first})
            return
        made = Subscription(self, new)
        self.subscriptions.append(made)
        made.task = self.spawn(self._follow(made, channels, after))

    async def _follow(self, made: Subscription, channels: list[str], after: int | None) -> None:
        def started(position: int) -> None:
            made.first = position
            self.put({"type": "subscribed", "channels": channels, "after": position})

        try:
            async with streams.followed(made, after, started):
                await asyncio.Event().wait()
        except ApiError as fault:
            self._put_error(fault)
        finally:
            self._forget(made)

    def _forget(self, one: Subscription) -> None:
        if one in self.subscriptions:
            self.subscriptions.remove(one)

    def _unsubscribe(self, message: dict[str, Any]) -> None:
        assert self.principal  # noqa: S101 - checked by the caller of this
        channels = checked_channels(message.get("channels"), self.principal)
        for one in tuple(self.subscriptions):
            one.channels.difference_update(channels)
            if not one.channels and one.task:
                self._forget(one)
                one.task.cancel()
        self.put({"type": "unsubscribed", "channels": channels})

    def _watch(self, message: dict[str, Any]) -> None:
        """Asked for again, the whole state is sent again."""
        name = _state_name(message)
        if watched := self.watched.pop(name, None):
            watched.leave(self)
        self.watched[name] = states.watch(self, name)

    def _unwatch(self, message: dict[str, Any]) -> None:
        name = _state_name(message)
        if watched := self.watched.pop(name, None):
            watched.leave(self)
        self.put({"type": "unwatched", "name": name})

    def put_state(self, name: str, text: str) -> None:
        """Sends it, if the caller may still read the state."""
        assert self.principal  # noqa: S101 - states come after authentication
        try:
            self.principal.require("read", STATES[name].resource)
        except ApiError as fault:
            self.watched.pop(name).leave(self)
            self._put_error(fault)
        else:
            self.backlog.put(text)

    def _release(self) -> None:
        super()._release()
        while self.watched:
            self.watched.popitem()[1].leave(self)

    def _put_error(self, fault: ApiError) -> None:
        shown = envelope(fault, request_id=ids.new_request_id(), base_url=settings.PUBLIC_URL)
        self.put({"type": "error", **shown})


def _refuse_unknown(kind: str, message: dict[str, Any]) -> None:
    unknown = [name for name in message if name != "type" and name not in _FIELDS[kind]]
    if unknown:
        raise ValidationFailed(details=[Detail("Unknown field.", field=name, code="unknown_field") for name in unknown])


def _state_name(message: dict[str, Any]) -> str:
    name = message.get("name")
    if not isinstance(name, str):
        raise ValidationFailed.at("name", "Must be a string.", "not_a_string")
    if name not in STATES:
        raise ValidationFailed.at("name", f"Must be one of: {', '.join(STATES)}.", "not_a_choice")
    return name


_DO: Mapping[str, Callable[[PlainConsumer, dict[str, Any]], None]] = {
    "subscribe": PlainConsumer._subscribe,
    "unsubscribe": PlainConsumer._unsubscribe,
    "watch": PlainConsumer._watch,
    "unwatch": PlainConsumer._unwatch,
}
