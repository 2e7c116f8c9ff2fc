"""The state of the supervisor's children, in a file that only it writes: for /readyz and /metrics."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

FILE = Path("run") / "children.json"


class ChildState(msgspec.Struct, frozen=True):
    """`since` and `ended_at` are ISO 8601 date-times; `last_end` says how the last process ended."""

    is_up: bool
    restarts: int
    since: str | None
    last_end: str | None = None
    ended_at: str | None = None
    pid: int | None = None


class State(msgspec.Struct, frozen=True):
    supervisor: int  # its process id
    children: dict[str, ChildState]


def write(path: Path, state: State) -> None:
    """Writes the file atomically, so that readers never see a part of it."""
    draft = path.with_name(f".{path.name}")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(path)


def read(home: Path) -> dict[str, ChildState]:
    """The children by name; empty if no supervisor runs, as in a deployment on several machines."""
    try:
        state = msgspec.json.decode((home / FILE).read_bytes(), type=State)
        os.kill(state.supervisor, 0)
    except (OSError, msgspec.MsgspecError):
        return {}
    return state.children
