"""The registry: every type of event once, with its description and the resource it tells about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """`resource` is the key of `data` (`{"account": {…}}`)."""

    name: str
    resource: str
    description: str


_registry: dict[str, EventType] = {}


def register(name: str, resource: str, description: str) -> EventType:
    """Called once per type, where the app that raises it declares its events."""
    if name in _registry:
        raise ValueError(f"event type {name} is registered twice")
    event_type = EventType(name, resource, description)
    _registry[name] = event_type
    return event_type


def event_types() -> list[EventType]:
    """All registered types, by name."""
    return [_registry[name] for name in sorted(_registry)]
