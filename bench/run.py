"""The cases, measured in rounds: in each the raw limit and the API take turns, so that a drifting machine falls
on both alike. A ratio is taken inside a round; the median of the rounds is what is quoted."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import books, stack
from bench.load import Load, Render, run
from bigledger.postgres.server import Server
from ledger.tasks import fold_balances

TENANTS, ACCOUNTS = 20, 50
REPORT_ACCOUNTS = 100
_WARM_UP_SECONDS = 1.0
_FIRST_LINES = 4000
_TURNS = 4


@dataclass
class Case:
    """One kind of load at one number of connections. `raw` are the scripts of `limit/` it is held against."""

    name: str
    raw: Sequence[str]
    connections: int
    render: Render
    raw_rates: dict[str, list[float]] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)

    def shares(self, script: str) -> list[float]:
        """The API's rate by the raw one, round by round."""
        return [load.rate / raw for load, raw in zip(self.loads, self.raw_rates[script], strict=True)]

    @property
    def rates(self) -> list[float]:
        return [load.rate for load in self.loads]


@dataclass
class TrialBalance:
    """`milliseconds` of each round, by number of lines; `in_one_month` those of a day in the middle of the
    month that has all lines, straight after they were posted."""

    lines_per_second: dict[int, float]
    milliseconds: dict[int, list[float]]
    in_one_month: dict[int, float]


@dataclass
class Measured:
    cases: list[Case]
    trial_balance: TrialBalance
    server_settings: dict[str, str]
    seconds: float


def everything(
    *, seconds: float, runs: int, connections: list[int], lines: list[int], month_lines: list[int]
) -> Measured:
    with stack.database() as server:
        _say("Making the books …")
        spread = [books.make(f"tenant-{n}", ACCOUNTS) for n in range(TENANTS)]
        hot = [books.make("hot", ACCOUNTS)]
        sized = {size: books.make(f"lines-{size}", REPORT_ACCOUNTS) for size in lines}
        speeds = {size: fill_with_statistics(server, owner, size) for size, owner in sized.items()}
        # The relay numbers what is posted meanwhile, not a million events of the books that were made for it.
        with stack.superuser(server, "bigledger") as connection:
            connection.execute("TRUNCATE events_pending")
        cases = [
            Case("accounts at random", ["e_bal1"], count, books.posts(spread)) for count in connections
        ] + [
            Case("numbers from the series", ["e_bal1"], 8, books.posts(spread, with_reference=False)),
            *(Case("one hot account", ["d_hot1", "g_slots"], count, books.posts(hot, hot=True)) for count in (8, 32)),
        ]  # fmt: skip
        trial = TrialBalance(speeds, {size: [] for size in lines}, {})
        with stack.api() as port:
            trial.in_one_month.update({size: straight_after(port, size) for size in month_lines})
            for case in cases:
                run(port, case.render, connections=case.connections, seconds=_WARM_UP_SECONDS, status=201)
            for number in range(runs):
                for case in cases:
                    _measure(case, server, port, seconds)
                # In short turns: what the postings left to do (autovacuum, the relay) falls on all sizes alike.
                for size, owner in list(sized.items()) * _TURNS:
                    load = run(port, books.trial_balance(owner), connections=1, seconds=seconds / 8, status=200)
                    trial.milliseconds[size].append(load.median_ms)
                _say(f"Round {number + 1} of {runs} is done.")
        return Measured(cases, trial, _server_settings(server), seconds)


def fill_with_statistics(server: Server, owner: books.Books, lines: int) -> float:
    """The tables' statistics are taken after the first few entries, as autovacuum does within a minute; the balances of
    months gone by are folded at the end, as the clock does each night."""
    _say(f"Posting {lines:,} lines …")
    books.fill(owner, _FIRST_LINES)
    with stack.superuser(server, "bigledger") as connection:
        connection.execute("ANALYZE")
        speed = books.fill(owner, lines - _FIRST_LINES)
        fold_balances()
        connection.execute("VACUUM ANALYZE")
    return speed


def straight_after(port: int, lines: int) -> float:
    """The milliseconds of a trial balance of the middle of a month whose `lines` were posted a moment ago: the clock
    has folded nothing, and no statistics were taken."""
    _say(f"Posting {lines:,} lines in one month …")
    owner = books.make(f"month-{lines}", REPORT_ACCOUNTS)
    month = books.last_month(owner)
    render = books.trial_balance(owner, month[len(month) // 2])
    run(port, render, connections=1, seconds=_WARM_UP_SECONDS, status=200)
    books.fill(owner, lines, month)
    return run(port, render, connections=1, seconds=_WARM_UP_SECONDS, status=200).median_ms


def _measure(case: Case, server: Server, port: int, seconds: float) -> None:
    for script in case.raw:
        rate = stack.raw_rate(server, script, clients=case.connections, seconds=seconds)
        case.raw_rates.setdefault(script, []).append(rate)
    case.loads.append(run(port, case.render, connections=case.connections, seconds=seconds, status=201))
    shares = ", ".join(f"{statistics.median(case.shares(script)):.1%} of {script}" for script in case.raw)
    _say(f"  {case.name}, {case.connections}: {case.loads[-1].rate:.0f}/s, so far {shares}")


def _server_settings(server: Server) -> dict[str, str]:
    with stack.superuser(server) as connection:
        return {name: str(connection.execute(f"SHOW {name}").fetchone()[0]) for name in stack.SHOWN_SETTINGS}  # type: ignore[index]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
