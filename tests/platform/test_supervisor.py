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

import msgspec
import pytest

from bigledger import supervisor
from bigledger.child_logs import Pump, RotatingFile
from bigledger.children import ChildState, State

PROJECT = Path(__file__).resolve().parents[2]

SUPERVISOR = """
import json, sys
from pathlib import Path
from bigledger.supervisor import Child, RestartPolicy, run
folder, programs, timeout = Path(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])
children = [
    Child(
        name, [sys.executable, "-c", source], {"NAME": name, "FOLDER": str(folder)},
        is_vital=name.startswith("vital"), hang_seconds=1.0 if "beat" in name else None,
    )
    for name, source in programs.items()
]
sys.exit(run(
    children,
    ready=lambda: all((folder / f"{name}.pids").exists() for name in programs),
    on_ready=lambda: print("ready", flush=True),
    log_dir=folder / "logs",
    run_dir=folder / "run",
    restart_policy=RestartPolicy((0, 0.2, 0.4), deaths_of_a_vital_child=4),
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
(folder / "die").unlink()
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


def told(folder: Path) -> dict[str, ChildState]:
    """What the supervisor says of its children."""
    return msgspec.json.decode((folder / "run" / "children.json").read_bytes(), type=State).children


def test_a_child_that_dies_is_started_again_and_the_others_never_notice(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"mortal": MORTAL_PROGRAM, "obedient": OBEDIENT_PROGRAM})
    before = {file.stem: file.read_text() for file in tmp_path.glob("*.pids")}
    (tmp_path / "die").touch()
    wait_until(lambda: (tmp_path / "mortal.pids").read_text() != before["mortal"])
    assert (tmp_path / "obedient.pids").read_text() == before["obedient"]
    assert is_alive(int(before["obedient"]))
    wait_until(lambda: told(tmp_path)["mortal"].is_up)
    mortal, obedient = told(tmp_path)["mortal"], told(tmp_path)["obedient"]
    assert (mortal.restarts, mortal.last_end) == (1, "exited with status 3")
    assert (obedient.restarts, obedient.last_end) == (0, None)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    first, *lines, last = errors.splitlines()
    log_file = tmp_path / "logs" / "mortal.log"
    assert first == f"mortal exited with status 3, to be started in 0 s. Its log: {log_file}"
    assert lines == [f"  line {number}" for number in range(85, 100)]
    assert last == "mortal was started again."
    events = [json.loads(line)["event"] for line in (tmp_path / "logs" / "up.log").read_text().splitlines()]
    assert events == ["child_ended", "child_started_again"]
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_killed_child_is_reported_by_the_name_of_the_signal(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    process = start_supervisor({"one": OBEDIENT_PROGRAM})
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    wait_until(lambda: told(tmp_path)["one"].restarts == 1)
    assert told(tmp_path)["one"].last_end == "was ended by SIGKILL"
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_only_a_vital_child_that_dies_many_times_in_a_row_ends_all(
    start_supervisor: StartSupervisor, tmp_path: Path
) -> None:
    """Another one may die as often as it likes, after waits that grow."""
    dying = TELL + "tell(os.getpid()); sys.exit(4)"
    process = start_supervisor({"other": dying, "obedient": OBEDIENT_PROGRAM})
    wait_until(lambda: told(tmp_path)["other"].restarts > 6)
    assert process.poll() is None
    process.terminate()
    _, errors = process.communicate(timeout=60)
    waits = [line.rpartition(" in ")[2].split()[0] for line in errors.splitlines() if "to be started" in line]
    assert waits[:4] == ["0", "0.2", "0.4", "0.4"]

    process = start_supervisor({"vital": dying, "obedient": OBEDIENT_PROGRAM})
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "vital exited with status 4, 4 times in a row; stopping the rest." in errors
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_child_that_hangs_is_killed_and_started_again(start_supervisor: StartSupervisor, tmp_path: Path) -> None:
    """The one that goes on beating lives; the one that stops is replaced."""
    beats = (
        TELL
        + """
tell(os.getpid())
beat = folder / "run" / (os.environ["NAME"] + ".beat")
first = not (folder / "was").exists()
while not (os.environ["NAME"] == "hangs_beat" and first and (folder / "hang").exists()):
    beat.touch()
    time.sleep(0.05)
(folder / "was").touch()
time.sleep(600)
"""
    )
    start_supervisor({"hangs_beat": beats, "lives_beat": beats})
    (tmp_path / "hang").touch()
    wait_until(lambda: told(tmp_path)["hangs_beat"].restarts == 1)
    assert told(tmp_path)["hangs_beat"].last_end == "gave no sign of life for 1 s and was killed"
    wait_until(lambda: told(tmp_path)["hangs_beat"].is_up)
    assert told(tmp_path)["lives_beat"].restarts == 0


def test_one_process_of_a_child_that_hangs_is_killed_alone(start_supervisor: StartSupervisor, tmp_path: Path) -> None:
    """As one of several API processes: it beats in a file of its own."""
    parent = (
        TELL
        + """
run = folder / "run"
hung = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(run / f"parent_beat-{hung.pid}.beat").touch()
tell(os.getpid(), hung.pid)
while True:
    (run / "parent_beat.beat").touch()
    hung.poll()
    time.sleep(0.05)
"""
    )
    start_supervisor({"parent_beat": parent})
    first, hung = pids(tmp_path)
    wait_until(lambda: not is_alive(hung))
    assert is_alive(first)
    assert told(tmp_path)["parent_beat"].restarts == 0


def test_a_log_rotates_while_it_is_written_and_loses_nothing(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "one.log", most_bytes=100_000)
    source = "import os\nfor n in range(30000): os.write(1, b'%08d\\n' % n)\nos.abort()"
    process = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    pump = Pump(process, log)
    process.wait(timeout=60)
    assert pump.last_lines(1) == ["00029999"]
    kept = (tmp_path / "one.log.1").read_bytes() + (tmp_path / "one.log").read_bytes()
    numbers = [int(line) for line in kept.splitlines()]
    assert numbers == list(range(numbers[0], 30000))
    assert all(path.stat().st_size <= 100_000 for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


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
