"""A small process supervisor: what `manage.py up` uses to run the whole system on one machine.

`run` starts every child in a session of its own, so that Ctrl-C reaches the supervisor alone and
each child is told to stop once, in the way it expects. What a child prints goes to
`log_dir/<name>.log`. Children live and die together: the end of one is the end of all, because
half a system is harder to notice than none.

SIGKILL of the supervisor takes the children with it on Linux and macOS alike: a guard, a process
of ours that does nothing but read a pipe, kills the children's process groups when the pipe's
other end, which only the supervisor holds, closes. (Linux's PR_SET_PDEATHSIG would spare the
children's own children, and needs Python code between fork and exec.)

A process that a child puts into another session is that child's own affair.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

POLL_SECONDS = 0.05
KILL_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 0.5
LOG_BYTES_MAX = 10 * 1024 * 1024
LAST_LINES = 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A program to run; `env` is added to the supervisor's own environment."""

    name: str
    argv: list[str]
    env: Mapping[str, str]
    stop_signal: int = signal.SIGTERM


@dataclass(frozen=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    log_file: Path
    log_offset: int  # where this run's lines begin

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None


class _ChildError(Exception):
    """A child did not start or has died; the message is for a person."""


def run(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    log_dir: Path,
    stop_timeout_seconds: float = 15,
) -> int:
    """Run the children until a signal (returns 0) or until one of them dies (returns 1).

    `ready` is asked again and again until it is true, then `on_ready` is called once; both should
    return quickly, since nothing else is watched meanwhile. SIGINT, SIGTERM and SIGHUP stop
    everything; a second one kills at once. On return no process of any child's group is left. To
    be called from the main thread, where Python delivers signals.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    running: list[_Running] = []
    with _received_signals() as received, _guard() as watch:
        try:
            for child in children:
                running.append(_start(child, log_dir))
                watch(running[-1].process.pid)
            _wait_for_end(running, ready, on_ready, received)
        except _ChildError as failure:
            _print(str(failure))
            return 1
        finally:
            _stop(running, received, stop_timeout_seconds)
    return 0


def port_is_free(host: str, port: int) -> bool:
    """Whether no server listens there; whether we may is for our server to find out."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in addresses:
        try:
            # Connecting first: on macOS an address may be bound beside a listener on all of them.
            with socket.socket(family, kind, protocol) as probe:
                probe.settimeout(CONNECT_TIMEOUT_SECONDS)
                if probe.connect_ex(address) == 0:
                    return False
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
    return True


@contextmanager
def _received_signals() -> Iterator[list[int]]:
    """The signals that have arrived, oldest first; the former handlers are put back at the end."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    former = {}
    for number in SIGNALS:
        # Under nohup SIGHUP is ignored, and should stay so.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            former[number] = signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _guard() -> Iterator[Callable[[int], None]]:
    """The guard at work; what it yields tells the guard of one more process group."""
    # -I and -S: this file needs nothing but the standard library, and should start quickly.
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    reading_end, writing_end = os.pipe()  # no child inherits either, save the guard its input
    guard = subprocess.Popen(command, stdin=reading_end, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/")
    os.close(reading_end)

    def watch(process_group: int) -> None:
        with suppress(BrokenPipeError):  # the guard was killed; that is no reason to stop
            os.write(writing_end, f"{process_group}\n".encode())

    try:
        yield watch
    finally:
        guard.kill()  # before the pipe closes: all is in order
        guard.wait()
        os.close(writing_end)


def _kill_when_orphaned(process_groups: Iterable[str]) -> None:
    """The guard's whole life: the lines end when the supervisor, at the other end, is gone."""
    for process_group in list(process_groups):
        _signal_group(int(process_group), signal.SIGKILL)


def _start(child: Child, log_dir: Path) -> _Running:
    log_file = log_dir / f"{child.name}.log"
    if log_file.exists() and log_file.stat().st_size > LOG_BYTES_MAX:
        log_file.replace(log_file.with_name(f"{log_file.name}.1"))
    with log_file.open("ab") as log:
        try:
            process = subprocess.Popen(
                child.argv,
                env={**os.environ, **child.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise _ChildError(f"{child.name} did not start: {error}") from error
        return _Running(child, process, log_file, log_offset=log.tell())


def _wait_for_end(
    running: Sequence[_Running],
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    received: Sequence[int],
) -> None:
    announced = False
    while not received:
        _reap_adopted(running)
        for one in running:
            if one.has_ended:
                raise _ChildError(_obituary(one))
        if not announced and (ready is None or ready()):
            announced = True
            on_ready()
        time.sleep(POLL_SECONDS)


def _obituary(one: _Running) -> str:
    status = one.process.returncode
    cause = f"exited with status {status}"
    if status < 0:
        cause = f"was ended by {signal.Signals(-status).name}"
    with one.log_file.open("rb") as log:
        log.seek(one.log_offset)
        lines = log.read().decode(errors="replace").splitlines()[-LAST_LINES:]
    message = f"{one.child.name} {cause}; stopping the rest. Its log: {one.log_file}"
    return "\n".join([message, *(f"  {line}" for line in lines)])


def _stop(running: Sequence[_Running], received: Sequence[int], timeout_seconds: float) -> None:
    """End every child, gracefully if it obeys in time, and every process it has left behind."""
    for one in running:
        # To the child alone: it knows in which order its own children should end.
        if not one.has_ended:
            one.process.send_signal(one.child.stop_signal)
    deadline = time.monotonic() + timeout_seconds
    waiting = list(running)
    while waiting and time.monotonic() < deadline and len(received) <= 1:
        for one in [one for one in waiting if one.has_ended]:
            waiting.remove(one)
            _signal_group(one.process.pid, signal.SIGKILL)
        _reap_adopted(running)
        time.sleep(POLL_SECONDS)
    for one in waiting:
        _print(f"{one.child.name} had not stopped yet and was killed.")
        _signal_group(one.process.pid, signal.SIGKILL)
        one.process.wait()
    deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        _reap_adopted(running)
        if not any(_signal_group(one.process.pid, 0) for one in running):
            return
        time.sleep(POLL_SECONDS)


def _signal_group(process_group: int, number: int) -> bool:
    """Send the signal; whether anybody was there to get it."""
    try:
        os.killpg(process_group, number)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError if only zombies remain
        return False
    return True


def _reap_adopted(running: Sequence[_Running]) -> None:
    """As a container's first process we inherit every orphan, and nobody else buries them."""
    if sys.platform != "linux" or os.getpid() != 1:
        return
    own = {one.process.pid for one in running}
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in own:
                return  # its Popen does that, and wants the status
            os.waitpid(found.si_pid, os.WNOHANG)


def _print(message: str) -> None:
    with suppress(OSError):  # the terminal may be gone; the children still have to stop
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    _kill_when_orphaned(sys.stdin)
