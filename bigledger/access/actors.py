"""The actors that are not members: jobs on the schedule, and people who need no account.

The list is closed. An app declares its actors beside its events, and `docs/events.md` lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SystemActor:
    """`name` is the `actor` of the events it causes."""

    name: str
    description: str


_registry: dict[str, SystemActor] = {}


def register_actor(name: str, description: str) -> SystemActor:
    """Called once per actor, in the `events` module of its app."""
    if name in _registry:
        raise ValueError(f"actor {name} is registered twice")
    actor = SystemActor(name, description)
    _registry[name] = actor
    return actor


def system_actors() -> list[SystemActor]:
    """All registered actors, by name."""
    return [_registry[name] for name in sorted(_registry)]
