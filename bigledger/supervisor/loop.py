"""Runs the children until a signal arrives, or until a vital one cannot be kept alive."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bigledger.children import FILE
from bigledger.guard import guard
from bigledger.supervisor.child import Child, RestartPolicy
from bigledger.supervisor.keeper import POLL_SECONDS, ChildError, Keeper, print_message

RESTART_POLICY = RestartPolicy()
CHORES_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    log_dir: Path,
    run_dir: Path | None = None,
    chores: Callable[[], None] = lambda: None,
    restart_policy: RestartPolicy = RESTART_POLICY,
    stop_timeout_seconds: float = 15,
) -> int:
    """Runs the children until a signal arrives (returns 0), or until a vital child cannot be kept alive (returns 1).

    `ready` is called again and again until it returns true; then `on_ready` is called once. `chores` is called every
    few seconds. All three should return quickly, because nothing is watched meanwhile. SIGINT, SIGTERM and SIGHUP stop
    everything; a second signal kills at once. When `run` returns, no process of any child's group is left. Call it from
    the main thread, where Python delivers signals.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    run_dir = run_dir or log_dir.parent / FILE.parent
    run_dir.mkdir(parents=True, exist_ok=True)
    for beat in run_dir.glob("*.beat"):
        beat.unlink(missing_ok=True)
    with received_signals() as received, guard() as tell:
        keeper = Keeper(children, log_dir, run_dir, restart_policy, tell)
        try:
            keeper.start_all()
            _keep(keeper, ready, on_ready, chores, received)
        except ChildError as failure:
            print_message(str(failure))
            return 1
        finally:
            keeper.stop_all(received, stop_timeout_seconds)
    return 0


def _keep(
    keeper: "Keeper",
    ready: Callable[[], bool] | None,
    on_ready: Callable[[], None],
    chores: Callable[[], None],
    received: Sequence[int],
) -> None:
    announced, next_chores = False, 0.0
    while not received:
        keeper.step()
        if not announced and (ready is None or ready()):
            announced = True
            on_ready()
        if time.monotonic() >= next_chores:
            next_chores = time.monotonic() + CHORES_SECONDS
            chores()
        time.sleep(POLL_SECONDS)


@contextmanager
def received_signals() -> Iterator[list[int]]:
    """The signals that have arrived, oldest first. The previous handlers are restored at the end."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    former = {}
    for number in SIGNALS:
        # Under nohup SIGHUP is ignored, and must stay ignored.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            former[number] = signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
