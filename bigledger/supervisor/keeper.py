"""The children of one supervisor: started, watched, started again and stopped."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bigledger.child_logs import Pump, RotatingFile
from bigledger.children import FILE, ChildState, State, write
from bigledger.guard import signal_group
from bigledger.supervisor.child import Child, RestartPolicy

POLL_SECONDS = 0.05
KILL_TIMEOUT_SECONDS = 5.0
PROBE_SECONDS, PROBE_TIMEOUT_SECONDS = 5.0, 10.0
LAST_LINES = 15


@dataclass
class Running:
    """A child with its present process, if it has one."""

    child: Child
    log: RotatingFile
    process: subprocess.Popen[bytes] | None = None
    pump: Pump | None = None
    started_at: float = 0.0  # by the monotonic clock, as `start_again_at` is
    start_again_at: float = 0.0
    signs: dict[Path, tuple[int, float]] = field(default_factory=dict)  # heartbeat file to its time, and when we saw it
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


class ChildError(Exception):
    """A child did not start, or has died too often; the message is for the operator."""


class Keeper:
    """Starts the children, watches them, starts them again, and stops them."""

    def __init__(
        self,
        children: Sequence[Child],
        log_dir: Path,
        run_dir: Path,
        restart_policy: RestartPolicy,
        tell: Callable[[int, bool], None],
    ) -> None:
        self.log_dir, self.run_dir, self.restart_policy, self.tell = log_dir, run_dir, restart_policy, tell
        self.log = RotatingFile(log_dir / "up.log")
        self.running = [Running(child, RotatingFile(log_dir / f"{child.name}.log")) for child in children]
        self.ending = threading.Event()
        self.next_look = 0.0

    def start_all(self) -> None:
        """Starts every child. Raises ChildError if one cannot be started."""
        for one in self.running:
            try:
                self._start(one)
            except OSError as error:
                raise ChildError(f"{one.child.name} did not start: {error}") from error
            if one.child.probe:
                threading.Thread(target=self._probe, args=(one.child, one.child.probe), daemon=True).start()
        self._write_state()

    def step(self) -> None:
        """Looks at every child once: records deaths, starts children again, kills those that hang."""
        reap_adopted([one.pid for one in self.running])
        now = time.monotonic()
        for one in self.running:
            if one.process is not None and one.has_ended:
                self._record_end(one)
            elif one.process is None and now >= one.start_again_at:
                self._start_again(one)
        if now >= self.next_look:
            self.next_look = now + 1.0
            for one in self.running:
                if one.child.hang_seconds is not None and not one.has_ended:
                    self._end_what_hangs(one, one.child.hang_seconds)

    def _start(self, one: Running) -> None:
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
        one.started_at, one.since, one.hung, one.signs = time.monotonic(), now_text(), "", {}

    def _start_again(self, one: Running) -> None:
        one.restarts += 1
        try:
            self._start(one)
        except OSError as error:
            self._note_death(one, f"did not start: {error}", [])
            return
        self._say("child_started_again", f"{one.child.name} was started again.", one, restarts=one.restarts)
        self._write_state()

    def _record_end(self, one: Running) -> None:
        assert one.process is not None and one.pump is not None  # noqa: S101 - it has just ended
        signal_group(one.pid, signal.SIGKILL)  # a process that it left behind would hold its ports and its pipe
        self.tell(one.pid, False)  # noqa: FBT003
        status = one.process.returncode
        cause = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
        lines = one.pump.last_lines(LAST_LINES)
        if time.monotonic() - one.started_at >= self.restart_policy.stable_seconds:
            one.deaths_in_a_row = 0
        one.process = one.pump = None
        self._note_death(one, one.hung or cause, lines)

    def _note_death(self, one: Running, cause: str, lines: Sequence[str]) -> None:
        one.since, one.last_end, one.ended_at = None, cause, now_text()
        one.deaths_in_a_row += 1
        waits = self.restart_policy.waits_seconds
        wait = waits[min(one.deaths_in_a_row, len(waits)) - 1]
        one.start_again_at = time.monotonic() + wait
        given_up = one.child.is_vital and one.deaths_in_a_row >= self.restart_policy.deaths_of_a_vital_child
        what = (
            f"{one.deaths_in_a_row} times in a row; stopping the rest" if given_up else f"to be started in {wait:g} s"
        )
        message = f"{one.child.name} {cause}, {what}. Its log: {one.log.path}"
        self._say("child_ended", message, one, cause=cause, deaths_in_a_row=one.deaths_in_a_row)
        for line in lines:
            print_message(f"  {line}")
        self._write_state()
        if given_up:
            raise ChildError(f"{one.child.name} cannot be kept alive.")

    def _end_what_hangs(self, one: Running, seconds: float) -> None:
        """Kills a child whose heartbeat has stopped, or a single process of it that has a heartbeat file of its own."""
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
                answered = True  # a refusal is an answer too
            except OSError:
                answered = False
            if answered:
                (self.run_dir / f"{child.name}.beat").touch(mode=0o600)
            self.ending.wait(PROBE_SECONDS)

    def _say(self, event: str, message: str, one: Running, **more: object) -> None:
        line = {"event": event, "child": one.child.name, "message": message, "timestamp": now_text(), **more}
        self.log.write(json.dumps(line).encode() + b"\n")
        print_message(message)

    def _write_state(self) -> None:
        states = {
            one.child.name: ChildState(
                one.process is not None, one.restarts, one.since, one.last_end, one.ended_at, one.pid or None
            )
            for one in self.running
        }
        with suppress(OSError):  # the disk may be full
            write(self.run_dir / FILE.name, State(os.getpid(), states))

    def stop_all(self, received: Sequence[int], timeout_seconds: float) -> None:
        """Ends every child, gracefully if it stops in time, and every process that it has left behind."""
        self.ending.set()
        running = [one for one in self.running if one.process is not None]
        for one in running:
            # Only to the child itself: it knows in which order its own children should end.
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
            print_message(f"{one.child.name} had not stopped yet and was killed.")
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


def reap_adopted(own: Sequence[int]) -> None:
    """As the first process of a container, the supervisor inherits every orphan and has to collect its exit status."""
    if sys.platform != "linux" or os.getpid() != 1:
        return
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in own:
                return  # its Popen collects the status itself
            os.waitpid(found.si_pid, os.WNOHANG)


def now_text() -> str:
    """The present time in UTC, as ISO 8601 text."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def print_message(message: str) -> None:
    """Prints to the standard error, if the terminal still exists."""
    with suppress(OSError):  # the terminal may be gone; the children still have to stop
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
