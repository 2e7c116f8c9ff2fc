"""Channels: patterns over the types of events, and which types a caller may read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bigledger.access.principal import Principal
from bigledger.access.scopes import RESOURCES, sufficient
from bigledger.api.events import MAX_SEQ
from bigledger.errors import Detail, PermissionDenied, ValidationFailed
from bigledger.events.registry import EventType, event_types

MOST_CHANNELS = 100  # of one socket
_WHOLE_LOG = "events"  # whose scope is enough for every event, as on /v1/events


def scope_of(event_type: EventType) -> str:
    """The resource whose scope is needed to read such an event; `invoice.sent` needs `read:invoices`."""
    subject = event_type.name.partition(".")[0]
    names = (subject, f"{subject}s", f"{subject[:-1]}ies")
    return next((name for name in names if name in RESOURCES), _WHOLE_LOG)


def readable(principal: Principal) -> frozenset[str]:
    """The types of events that the caller may read."""
    return _readable(principal.scopes)


@lru_cache(maxsize=1_000)
def _readable(scopes: frozenset[str]) -> frozenset[str]:
    if scopes & sufficient("read", _WHOLE_LOG):
        return frozenset(one.name for one in event_types())
    return frozenset(one.name for one in event_types() if scopes & sufficient("read", scope_of(one)))


@lru_cache(maxsize=1_000)
def types_of(channel: str) -> frozenset[str]:
    """The types that a channel names: `*`, `invoice.*` or `invoice.sent`; empty for what is no channel."""
    if channel == "*":
        return frozenset(one.name for one in event_types())
    if channel.endswith(".*"):
        return frozenset(one.name for one in event_types() if one.name.startswith(channel[:-1]))
    return frozenset(one.name for one in event_types() if one.name == channel)


def checked_channels(given: Any, principal: Principal, *, field: str = "channels") -> list[str]:
    """`given` without repetitions.

    Raises ValidationFailed with every fault, and PermissionDenied for a channel of which the caller may read nothing.
    """
    if not isinstance(given, list):
        raise ValidationFailed.at(field, "Must be a list of channels.", "not_a_list")
    if not given:
        raise ValidationFailed.at(field, "Must name at least one channel.", "too_few")
    if len(given) > MOST_CHANNELS:
        raise ValidationFailed.at(field, f"Must be at most {MOST_CHANNELS} channels.", "too_many")
    faults = [
        Detail("Must be a string.", field=f"{field}[{place}]", code="not_a_string")
        if not isinstance(channel, str)
        else Detail("Must be *, <resource>.* or a type of event.", field=f"{field}[{place}]", code="not_a_choice")
        for place, channel in enumerate(given)
        if not isinstance(channel, str) or not types_of(channel)
    ]
    if faults:
        raise ValidationFailed(details=faults)
    allowed = readable(principal)
    missing = [
        Detail(f"The credential lacks the scope {scope}", field=f"{field}[{place}]", scope=scope, code="missing_scope")
        for place, channel in enumerate(given)
        if not types_of(channel) & allowed and (scope := f"read:{_scope_of_channel(channel)}")
    ]
    if missing:
        raise PermissionDenied(f"Missing scope: {missing[0].scope}", missing)
    return list(dict.fromkeys(given))


def _scope_of_channel(channel: str) -> str:
    found = {scope_of(one) for one in event_types() if one.name in types_of(channel)}
    return found.pop() if len(found) == 1 else _WHOLE_LOG


def checked_seq(given: Any) -> int | None:
    """`after`: the number of an event, 0 for the beginning of the log. Raises ValidationFailed."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValidationFailed.at("after", "Must be the seq of an event.", "not_a_number")
    if not 0 <= given <= MAX_SEQ:
        raise ValidationFailed.at("after", f"Must be between 0 and {MAX_SEQ}.", "out_of_range")
    return given
