"""The part `posting` of the bench, as a page."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence

from bench.page import measured_on, spread, table
from bench.run import ACCOUNTS, REPORT_ACCOUNTS, TENANTS, Case, Measured, everything


def figures() -> str:
    measured = everything(
        seconds=float(os.environ.get("SEC", "4")),
        runs=int(os.environ.get("RUNS", "5")),
        connections=[int(word) for word in os.environ.get("CONNS", "1 8 32").split()],
        lines=[int(word) for word in os.environ.get("LINES", "20000 2000000").split()],
        month_lines=[int(word) for word in os.environ.get("MONTH_LINES", "20000 1000000").split()],
    )
    return render(measured)


def render(measured: Measured) -> str:
    """Markdown with the machine, the shares and the trial balance."""
    rounds = len(measured.cases[0].loads)
    parts = [
        f"{measured_on()}; client, API and database share it. {rounds} rounds of {measured.seconds:g} s a figure.",
        "PostgreSQL " + ", ".join(f"`{name} = {value}`" for name, value in measured.server_settings.items()) + ".",
        f"Posting a two-line entry over HTTP ({TENANTS} tenants of {ACCOUNTS} accounts; min / median / max):",
        table(
            ["case", "connections", "API entries/s", "p50, p99 ms", "raw limit", "raw entries/s", "share of raw"],
            [_row(case, script) for case in measured.cases for script in case.raw],
        ),
        _hot(measured.cases),
        f"Trial balance over HTTP ({REPORT_ACCOUNTS} accounts, one connection; min / median / max):",
        _trial_balance(measured),
    ]
    return "\n\n".join(part for part in parts if part)


def _row(case: Case, script: str) -> list[str]:
    medians, p99s = ([getattr(load, name) for load in case.loads] for name in ("median_ms", "p99_ms"))
    return [
        case.name,
        str(case.connections),
        spread(case.rates, "{:.0f}".format),
        f"{statistics.median(medians):.1f}, {statistics.median(p99s):.1f}",
        f"`{script}`",
        spread(case.raw_rates[script], "{:.0f}".format),
        spread(case.shares(script), "{:.1%}".format),
    ]


def _hot(cases: Sequence[Case]) -> str:
    rates = {case.connections: case.rates for case in cases if case.name == "one hot account"}
    gains = [at32 / at8 for at8, at32 in zip(rates[8], rates[32], strict=True)]
    return f"The hot account at 32 connections by 8: {spread(gains, '{:.2f}'.format)}."


def _trial_balance(measured: Measured) -> str:
    trial = measured.trial_balance
    rows = [
        [f"{size:,}", spread(milliseconds, "{:.2f}".format), f"{trial.lines_per_second[size]:.0f}"]
        for size, milliseconds in trial.milliseconds.items()
    ]
    first, *_, last = trial.milliseconds.values()
    ratios = [large / small for small, large in zip(first, last, strict=True)]
    rendered = table(["lines", "ms", "lines/s while filled, 1,000 entries a call"], rows)
    month = "; ".join(f"{size:,} lines {milliseconds:.2f} ms" for size, milliseconds in trial.in_one_month.items())
    few, *_, many = trial.in_one_month.values()
    return (
        f"{rendered}\n\nThe largest by the smallest: {spread(ratios, '{:.2f}'.format)}.\n\n"
        f"Of a day in the middle of the month that has all lines, straight after they were posted: {month}. "
        f"The last by the first: {many / few:.2f}."
    )
