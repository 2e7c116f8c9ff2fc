"""The supervisor, with real processes and real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bigledger import supervisor

PROJECT = Path(__file__).resolve().parents[2]

SUPERVISOR = """
import json, sys
from pathlib import Path
from bigledger.supervisor import Child, run
folder, programs, timeout = Path(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])
children = [
    Child(name, [sys.executable, "-c", source], {"NAME": name, "FOLDER": str(folder)})
    for name, source in programs.items()
]
sys.exit(run(
    children,
    ready=lambda: all((folder / f"{name}.pids").exists() for name in programs),
    on_ready=lambda: print("ready", flush=True),
    log_dir=folder / "logs",
    stop_timeout_seconds=timeout,
))
"""

# Each program tells its pid, and its child's, in <name>.pids once it is set up.
TELL = """
import os, signal, subprocess, sys, time
from pathlib import Path
folder = Path(os.environ["FOLDER"])
def tell(*pids):
    draft = folder / (os.environ["NAME"] + ".draft")
    draft.write_text(" ".join(map(str, pids)))
    draft.rename(folder / (os.environ["NAME"] + ".pids"))
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {}; time.sleep(600)"
OBEDIENT_PROGRAM = TELL + "tell(os.getpid()); time.sleep(600)"
STUBBORN_PROGRAM = TELL + STUBBORN.format("tell(os.getpid())")
PARENT_PROGRAM = (
    TELL
    + f"""
grandchild = subprocess.Popen(
    [sys.executable, "-c", {STUBBORN.format("print(1, flush=True)")!r}], stdout=subprocess.PIPE
)
grandchild.stdout.readline()
tell(os.getpid(), grandchild.pid)
time.sleep(600)
"""
)
MORTAL_PROGRAM = (
    TELL
    + """
tell(os.getpid())
while not (folder / "die").exists():
    time.sleep(0.02)
for number in range(100):
    print("line", number)
sys.exit(3)
"""
)

StartSupervisor = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_supervisor(tmp_path: Path) -> Iterator[StartSupervisor]:
    started: list[subprocess.Popen[str]] = []

    def start_supervisor(programs: dict[str, str], stop_timeout_seconds: float = 60) -> subprocess.Popen[str]:
        """A supervisor that has called `on_ready`."""
        arguments = [str(tmp_path), json.dumps(programs), str(stop_timeout_seconds)]
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start_supervisor
    for process in started:
        with process:  # closes the pipes and waits
            process.kill()


def pids(folder: Path) -> list[int]:
    return [int(pid) for file in folder.glob("*.pids") for pid in file.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if Path("/proc").is_dir():  # a zombie has no arguments left
        try:
            return bool(Path("/proc", str(pid), "cmdline").read_bytes())
        except (FileNotFoundError, ProcessLookupError):
            return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_the_death_of_one_child_stops_all_and_shows_the_end_of_its_log(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"mortal": MORTAL_PROGRAM, "obedient": OBEDIENT_PROGRAM})
    (tmp_path / "die").touch()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    first, *rest = errors.splitlines()
    log_file = tmp_path / "logs" / "mortal.log"
    assert first == f"mortal exited with status 3; stopping the rest. Its log: {log_file}"
    assert rest == [f"  line {number}" for number in range(85, 100)]
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_killed_child_is_reported_by_the_name_of_the_signal(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"one": OBEDIENT_PROGRAM})
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("one was ended by SIGKILL;")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_and_is_no_failure(start_supervisor: StartSupervisor, tmp_path: Path, number: int) -> None:
    process = start_supervisor({"one": OBEDIENT_PROGRAM, "two": OBEDIENT_PROGRAM})
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert len(pids(tmp_path)) == 2
    assert not any(map(is_alive, pids(tmp_path)))


def test_grandchildren_that_ignore_the_signal_go_with_their_parent(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"parent": PARENT_PROGRAM})
    process.terminate()
    assert process.wait(timeout=60) == 0
    assert len(pids(tmp_path)) == 2
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_child_that_does_not_obey_in_time_is_killed(start_supervisor: StartSupervisor, tmp_path: Path) -> None:
    process = start_supervisor({"stubborn": STUBBORN_PROGRAM}, stop_timeout_seconds=0.1)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "stubborn had not stopped yet and was killed.\n")
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_second_ctrl_c_kills_at_once(start_supervisor: StartSupervisor, tmp_path: Path) -> None:
    process = start_supervisor({"stubborn": STUBBORN_PROGRAM}, stop_timeout_seconds=600)

    def is_over() -> bool:
        process.send_signal(signal.SIGINT)
        return process.poll() is not None

    wait_until(is_over)
    assert not any(map(is_alive, pids(tmp_path)))


def test_sigkill_of_the_supervisor_takes_children_and_grandchildren(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"parent": PARENT_PROGRAM, "stubborn": STUBBORN_PROGRAM})
    assert all(map(is_alive, pids(tmp_path)))
    assert len(pids(tmp_path)) == 3
    process.kill()
    wait_until(lambda: not any(map(is_alive, pids(tmp_path))))


def test_children_are_out_of_reach_of_the_terminals_ctrl_c(start_supervisor: StartSupervisor, tmp_path: Path) -> None:
    process = start_supervisor({"one": OBEDIENT_PROGRAM})
    [pid] = pids(tmp_path)
    assert os.getpgid(pid) == os.getsid(pid) == pid
    assert os.getpgid(process.pid) != pid


def test_each_child_is_stopped_by_its_own_signal(tmp_path: Path) -> None:
    source = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(print('interrupted')))\n"
        "print('set up', flush=True)\n"
        "time.sleep(600)"
    )
    child = supervisor.Child("one", [sys.executable, "-c", source], {}, signal.SIGINT)
    former = signal.getsignal(signal.SIGTERM)
    status = supervisor.run(
        [child],
        ready=lambda: "set up" in (tmp_path / "one.log").read_text(),
        on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM),
        log_dir=tmp_path,
    )
    assert status == 0
    assert (tmp_path / "one.log").read_text() == "set up\ninterrupted\n"
    assert signal.getsignal(signal.SIGTERM) is former


def test_a_program_that_does_not_exist_stops_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = {"NAME": "one", "FOLDER": str(tmp_path)}
    children = [
        supervisor.Child("one", [sys.executable, "-c", OBEDIENT_PROGRAM], program),
        supervisor.Child("two", [str(tmp_path / "missing")], {}),
    ]
    status = supervisor.run(children, ready=None, on_ready=lambda: pytest.fail("not ready"), log_dir=tmp_path)
    assert status == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("two did not start: ")
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_fault_in_on_ready_leaves_no_child_behind(tmp_path: Path) -> None:
    children = [
        supervisor.Child(
            "one",
            [sys.executable, "-c", OBEDIENT_PROGRAM],
            {"NAME": "one", "FOLDER": str(tmp_path)},
        )
    ]

    def on_ready() -> None:
        raise LookupError("a fault")

    with pytest.raises(LookupError):
        supervisor.run(
            children,
            ready=lambda: bool(pids(tmp_path)),
            on_ready=on_ready,
            log_dir=tmp_path / "logs",
        )
    assert len(pids(tmp_path)) == 1
    assert not any(map(is_alive, pids(tmp_path)))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_is_free_until_somebody_listens(host: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.listen()
        assert not supervisor.port_is_free(host, port)
        assert not supervisor.port_is_free("0.0.0.0", port)
    assert supervisor.port_is_free(host, port)
