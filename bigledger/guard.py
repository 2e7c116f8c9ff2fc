"""The guard of a supervisor: kills the children's process groups when the supervisor is gone, however it went.

A process of ours that does nothing but read a pipe whose other end only the supervisor holds: `+123` names a process
group, `-123` takes it back. (Linux's PR_SET_PDEATHSIG would spare the children's own children, needs Python code
between fork and exec, and macOS has none.) It is started with -I and -S, so it imports the standard library alone.
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
    """The guard at work; what it yields tells the guard of a process group that lives (True) or has ended (False)."""
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    reading_end, writing_end = os.pipe()  # no child inherits either, save the guard its input
    process = subprocess.Popen(command, stdin=reading_end, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/")
    os.close(reading_end)

    def tell(process_group: int, lives: bool) -> None:  # noqa: FBT001 - a pair, as in the lines of the pipe
        with suppress(BrokenPipeError):  # the guard was killed; that is no reason to stop
            os.write(writing_end, f"{'+' if lives else '-'}{process_group}\n".encode())

    try:
        yield tell
    finally:
        process.kill()  # before the pipe closes: all is in order
        process.wait()
        os.close(writing_end)


def signal_group(process_group: int, number: int) -> bool:
    """Send the signal; whether anybody was there to get it."""
    try:
        os.killpg(process_group, number)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError if only zombies remain
        return False
    return True


def _kill_when_orphaned(lines: Iterable[str]) -> None:
    """The guard's whole life: the lines end when the supervisor, at the other end, is gone."""
    living: set[int] = set()
    for line in lines:
        change = living.add if line.startswith("+") else living.discard
        change(int(line[1:]))
    for process_group in living:
        signal_group(process_group, signal.SIGKILL)


if __name__ == "__main__":
    _kill_when_orphaned(sys.stdin)
