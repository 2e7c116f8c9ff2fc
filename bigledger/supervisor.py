"""A small process supervisor: what `manage.py up` uses to run the whole system on one machine.

`run` starts every child in a session of its own, so that Ctrl-C reaches the supervisor alone and
each child is told to stop once, in the way it expects. What a child prints goes to
`log_dir/<name>.log` (child_logs.py).

A child that dies is started again: at once, then after waits that grow; one that has lived for a
while begins afresh. A child that hangs, one whose file `run_dir/<name>.beat` nobody touches any
more, is killed, which comes to the same. Only the deaths of a vital child, many in a row, end
everything, so that whoever started us sees it. What became of whom is in `run_dir/children.json`.

SIGKILL of the supervisor takes the children with it (guard.py). A process that a child puts into
another session is that child's own affair.
"""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from bigledger.child_logs import Pump, RotatingFile
from bigledger.children import FILE, ChildState, State, write
from bigledger.guard import guard, signal_group

POLL_SECONDS = 0.05
KILL_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 0.5
PROBE_SECONDS, PROBE_TIMEOUT_SECONDS = 5.0, 10.0
CHORES_SECONDS = 10.0
LAST_LINES = 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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


@dataclass
class _Running:
    """A child and its present process, if it has one."""

    child: Child
    log: RotatingFile
    process: subprocess.Popen[bytes] | None = None
    pump: Pump | None = None
    started_at: float = 0.0  # this and the next two by the monotonic clock
    start_again_at: float = 0.0
    signs: dict[Path, tuple[int, float]] = field(default_factory=dict)  # beat file to its time and when we saw it
    deaths_in_a_row: int = 0
    restarts: int = 0
    since: str | None = None
    last_end: str | None = None
    ended_at: str | None = None
    hung: str = ""

    @property
    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0


class _ChildError(Exception):
    """A child did not start or has died too often; the message is for a person."""


def run(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    log_dir: Path,
    run_dir: Path | None = None,
    chores: Callable[[], None] = lambda: None,
    patience: Patience = Patience(),
    stop_timeout_seconds: float = 15,
) -> int:
    """Run the children until a signal (returns 0) or until one cannot be had any more (returns 1).

    `ready` is asked again and again until it is true, then `on_ready` is called once; both should
    return quickly, since nothing else is watched meanwhile. So should `chores`, called now and
    then. SIGINT, SIGTERM and SIGHUP stop everything; a second one kills at once. On return no
    process of any child's group is left. To be called from the main thread, where Python delivers
    signals.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    run_dir = run_dir or log_dir.parent / FILE.parent
    run_dir.mkdir(parents=True, exist_ok=True)
    for beat in run_dir.glob("*.beat"):
        beat.unlink(missing_ok=True)
    with _received_signals() as received, guard() as tell:
        keeper = _Keeper(children, log_dir, run_dir, patience, tell)
        try:
            keeper.start_all()
            _keep(keeper, ready, on_ready, chores, received)
        except _ChildError as failure:
            _print(str(failure))
            return 1
        finally:
            keeper.stop_all(received, stop_timeout_seconds)
    return 0


def _keep(
    keeper: "_Keeper",
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    chores: Callable[[], None],
    received: Sequence[int],
) -> None:
    announced, next_chores = False, 0.0
    while not received:
        keeper.turn()
        if not announced and (ready is None or ready()):
            announced = True
            on_ready()
        if time.monotonic() >= next_chores:
            next_chores = time.monotonic() + CHORES_SECONDS
            chores()
        time.sleep(POLL_SECONDS)


class _Keeper:
    """Starts, watches, starts again and stops."""

    def __init__(
        self,
        children: Sequence[Child],
        log_dir: Path,
        run_dir: Path,
        patience: Patience,
        tell: Callable[[int, bool], None],
    ) -> None:
        self.log_dir, self.run_dir, self.patience, self.tell = log_dir, run_dir, patience, tell
        self.log = RotatingFile(log_dir / "up.log")
        self.running = [_Running(child, RotatingFile(log_dir / f"{child.name}.log")) for child in children]
        self.ending = threading.Event()
        self.next_look = 0.0

    def start_all(self) -> None:
        for one in self.running:
            try:
                self._start(one)
            except OSError as error:
                raise _ChildError(f"{one.child.name} did not start: {error}") from error
            if one.child.probe:
                threading.Thread(target=self._probe, args=(one.child, one.child.probe), daemon=True).start()
        self._write_state()

    def turn(self) -> None:
        reap_adopted([one.pid for one in self.running])
        now = time.monotonic()
        for one in self.running:
            if one.process is not None and one.has_ended:
                self._bury(one)
            elif one.process is None and now >= one.start_again_at:
                self._start_again(one)
        if now >= self.next_look:
            self.next_look = now + 1.0
            for one in self.running:
                if one.child.hang_seconds is not None and not one.has_ended:
                    self._end_what_hangs(one, one.child.hang_seconds)

    def _start(self, one: _Running) -> None:
        one.process = subprocess.Popen(
            one.child.argv,
            env={**os.environ, **one.child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.tell(one.pid, True)  # noqa: FBT003
        one.pump = Pump(one.process, one.log)
        one.started_at, one.since, one.hung, one.signs = time.monotonic(), _now(), "", {}

    def _start_again(self, one: _Running) -> None:
        one.restarts += 1
        try:
            self._start(one)
        except OSError as error:
            self._note_death(one, f"did not start: {error}", [])
            return
        self._say("child_started_again", f"{one.child.name} was started again.", one, restarts=one.restarts)
        self._write_state()

    def _bury(self, one: _Running) -> None:
        assert one.process is not None and one.pump is not None  # noqa: S101 - it has just ended
        signal_group(one.pid, signal.SIGKILL)  # what it has left behind would hold its ports and its pipe
        self.tell(one.pid, False)  # noqa: FBT003
        status = one.process.returncode
        cause = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
        lines = one.pump.last_lines(LAST_LINES)
        if time.monotonic() - one.started_at >= self.patience.settled_seconds:
            one.deaths_in_a_row = 0
        one.process = one.pump = None
        self._note_death(one, one.hung or cause, lines)

    def _note_death(self, one: _Running, cause: str, lines: Sequence[str]) -> None:
        one.since, one.last_end, one.ended_at = None, cause, _now()
        one.deaths_in_a_row += 1
        waits = self.patience.waits_seconds
        wait = waits[min(one.deaths_in_a_row, len(waits)) - 1]
        one.start_again_at = time.monotonic() + wait
        given_up = one.child.is_vital and one.deaths_in_a_row >= self.patience.deaths_of_a_vital_child
        what = (
            f"{one.deaths_in_a_row} times in a row; stopping the rest" if given_up else f"to be started in {wait:g} s"
        )
        message = f"{one.child.name} {cause}, {what}. Its log: {one.log.path}"
        self._say("child_ended", message, one, cause=cause, deaths_in_a_row=one.deaths_in_a_row)
        for line in lines:
            _print(f"  {line}")
        self._write_state()
        if given_up:
            raise _ChildError(f"{one.child.name} cannot be kept alive.")

    def _end_what_hangs(self, one: _Running, seconds: float) -> None:
        """Kills a child whose beats have ceased, or one process of it that beats in a file of its own."""
        now, own = time.monotonic(), self.run_dir / f"{one.child.name}.beat"
        for path in [own, *self.run_dir.glob(f"{one.child.name}-*.beat")]:
            touched, seen = one.signs.get(path, (0, one.started_at))
            with suppress(FileNotFoundError):
                if (newest := path.stat().st_mtime_ns) != touched:
                    touched, seen = newest, now
            one.signs[path] = touched, seen
            if now - seen <= seconds:
                continue
            if path == own:
                one.hung = f"gave no sign of life for {seconds:g} s and was killed"
                signal_group(one.pid, signal.SIGKILL)
                return
            path.unlink(missing_ok=True)
            del one.signs[path]
            pid = int(path.stem.rpartition("-")[2])
            with suppress(ProcessLookupError):
                if os.getpgid(pid) == one.pid:
                    os.kill(pid, signal.SIGKILL)
                    message = f"Process {pid} of {one.child.name} gave no sign of life for {seconds:g} s: killed."
                    self._say("process_hung", message, one, pid=pid)

    def _probe(self, child: Child, page: str) -> None:
        while not self.ending.is_set():
            try:
                with urllib.request.urlopen(page, timeout=PROBE_TIMEOUT_SECONDS):
                    answered = True
            except urllib.error.HTTPError:
                answered = True  # a refusal is a sign of life
            except OSError:
                answered = False
            if answered:
                (self.run_dir / f"{child.name}.beat").touch(mode=0o600)
            self.ending.wait(PROBE_SECONDS)

    def _say(self, event: str, message: str, one: _Running, **more: object) -> None:
        line = {"event": event, "child": one.child.name, "message": message, "timestamp": _now(), **more}
        self.log.write(json.dumps(line).encode() + b"\n")
        _print(message)

    def _write_state(self) -> None:
        states = {
            one.child.name: ChildState(
                one.process is not None, one.restarts, one.since, one.last_end, one.ended_at, one.pid or None
            )
            for one in self.running
        }
        with suppress(OSError):  # a disk that is full
            write(self.run_dir / FILE.name, State(os.getpid(), states))

    def stop_all(self, received: Sequence[int], timeout_seconds: float) -> None:
        """End every child, gracefully if it obeys in time, and every process it has left behind."""
        self.ending.set()
        running = [one for one in self.running if one.process is not None]
        for one in running:
            # To the child alone: it knows in which order its own children should end.
            if one.process and not one.has_ended:
                one.process.send_signal(one.child.stop_signal)
        deadline = time.monotonic() + timeout_seconds
        waiting = list(running)
        while waiting and time.monotonic() < deadline and len(received) <= 1:
            for one in [one for one in waiting if one.has_ended]:
                waiting.remove(one)
                signal_group(one.pid, signal.SIGKILL)
            reap_adopted([one.pid for one in running])
            time.sleep(POLL_SECONDS)
        for one in waiting:
            _print(f"{one.child.name} had not stopped yet and was killed.")
            signal_group(one.pid, signal.SIGKILL)
            if one.process:
                one.process.wait()
        deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            reap_adopted([one.pid for one in running])
            if not any(signal_group(one.pid, 0) for one in running):
                break
            time.sleep(POLL_SECONDS)
        for one in running:
            if one.pump:
                one.pump.join(1.0)
        (self.run_dir / FILE.name).unlink(missing_ok=True)


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


def reap_adopted(own: Sequence[int]) -> None:
    """As a container's first process we inherit every orphan, and nobody else buries them."""
    if sys.platform != "linux" or os.getpid() != 1:
        return
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in own:
                return  # its Popen does that, and wants the status
            os.waitpid(found.si_pid, os.WNOHANG)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _print(message: str) -> None:
    with suppress(OSError):  # the terminal may be gone; the children still have to stop
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
