"""The guard of a supervisor: it kills the children's process groups when the supervisor is gone, for whatever reason.

The guard is a process that only reads a pipe, whose other end only the supervisor holds. `+123` adds a process group,
`-123` removes it. (Linux's PR_SET_PDEATHSIG would not reach the children of a child, needs Python code between fork and
exec, and does not exist on macOS.) The guard is started with -I and -S, so it imports only the standard library.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def guard() -> Iterator[Callable[[int, bool], None]]:
    """Starts the guard. Yields a function that tells the guard of a process group that has started (True) or ended
    (False)."""
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    reading_end, writing_end = os.pipe()  # no child inherits an end, except the guard its input
    process = subprocess.Popen(command, stdin=reading_end, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/")
    os.close(reading_end)

    def tell(process_group: int, lives: bool) -> None:  # noqa: FBT001 - a pair, as in the lines of the pipe
        with suppress(BrokenPipeError):  # the guard was killed, which is no reason to stop the children
            os.write(writing_end, f"{'+' if lives else '-'}{process_group}\n".encode())

    try:
        yield tell
    finally:
        process.kill()  # before the pipe closes, because this is a regular end
        process.wait()
        os.close(writing_end)


def signal_group(process_group: int, number: int) -> bool:
    """Sends the signal, and returns whether any process received it."""
    try:
        os.killpg(process_group, number)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError if only zombies remain
        return False
    return True


def _kill_when_orphaned(lines: Iterable[str]) -> None:
    """The whole work of the guard: the lines end when the supervisor, at the other end of the pipe, is gone."""
    living: set[int] = set()
    for line in lines:
        change = living.add if line.startswith("+") else living.discard
        change(int(line[1:]))
    for process_group in living:
        signal_group(process_group, signal.SIGKILL)


if __name__ == "__main__":
    _kill_when_orphaned(sys.stdin)
