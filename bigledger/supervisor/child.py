"""What the supervisor is told: the programs to run, and its patience with them."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Child:
    """A program to run; `env` is added to the supervisor's own environment.

    With `hang_seconds` it is killed when its beat file was not touched for so long; `probe` is a
    page that the supervisor asks for and touches the file when it answers, whatever it answers.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str]
    stop_signal: int = signal.SIGTERM
    is_vital: bool = False
    hang_seconds: float | None = None
    probe: str | None = None


@dataclass(frozen=True)
class Patience:
    """How long until a child is started again, by its deaths in a row, and when all is given up."""

    waits_seconds: tuple[float, ...] = (0, 1, 2, 4, 8, 16, 30)
    settled_seconds: float = 60.0
    deaths_of_a_vital_child: int = 10
