"""The registry: every type of event once, with its description and its resource.

`docs/events.md` and the page at `/docs/api/events` are generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """`resource` is the key of `data` (`{"account": {…}}`). `version` counts the forms that its payload has
    had; keys are only ever added to one form. `is_partial`: the payload is not the object as the API shows it."""

    name: str
    resource: str
    description: str
    version: int = 1
    is_partial: bool = False


_registry: dict[str, EventType] = {}


def register(name: str, resource: str, description: str, version: int = 1, *, is_partial: bool = False) -> EventType:
    """Called once per type, in the `events` module of the app that records it."""
    if name in _registry:
        raise ValueError(f"event type {name} is registered twice")
    event_type = EventType(name, resource, description, version, is_partial)
    _registry[name] = event_type
    return event_type


def event_types() -> list[EventType]:
    """All registered types, by name."""
    return [_registry[name] for name in sorted(_registry)]
