"""The programs that a supervisor runs, and when it starts them again."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Child:
    """A program to run; `env` is added to the supervisor's own environment.

    If `hang_seconds` is given, the child is killed when its heartbeat file was not touched for that long. `probe` is a
    page that the supervisor requests; any answer, also a refusal, touches the file.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str]
    stop_signal: int = signal.SIGTERM
    is_vital: bool = False
    hang_seconds: float | None = None
    probe: str | None = None


@dataclass(frozen=True)
class RestartPolicy:
    """How long a child that died waits before it is started again, and when the supervisor gives up.

    `waits_seconds` are the waits after the first death in a row, the second, and so on. Once a child has run for
    `stable_seconds`, its deaths are counted from zero again.
    """

    waits_seconds: tuple[float, ...] = (0, 1, 2, 4, 8, 16, 30)
    stable_seconds: float = 60.0
    deaths_of_a_vital_child: int = 10
