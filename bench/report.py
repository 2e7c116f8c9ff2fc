"""The figures as a page: on the screen, and in docs/performance.md."""

from __future__ import annotations

import datetime
import os
import platform
import re
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.run import ACCOUNTS, REPORT_ACCOUNTS, TENANTS, Case, Measured

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- make bench --write: begin -->", "<!-- make bench --write: end -->"


def render(measured: Measured) -> str:
    """Markdown with the machine, the shares and the trial balance."""
    rounds = len(measured.cases[0].loads)
    parts = [
        f"Measured on {datetime.datetime.now(datetime.UTC).date()}, {_machine()}; client, API and database share it."
        f" {rounds} rounds of {measured.seconds:g} s a figure.",
        "PostgreSQL " + ", ".join(f"`{name} = {value}`" for name, value in measured.server_settings.items()) + ".",
        f"Posting a two-line entry over HTTP ({TENANTS} tenants of {ACCOUNTS} accounts; min / median / max):",
        _table(
            ["case", "connections", "API entries/s", "p50, p99 ms", "raw limit", "raw entries/s", "share of raw"],
            [_row(case, script) for case in measured.cases for script in case.raw],
        ),
        _hot(measured.cases),
        f"Trial balance over HTTP ({REPORT_ACCOUNTS} accounts, one connection; min / median / max):",
        _trial_balance(measured),
    ]
    return "\n\n".join(part for part in parts if part)


def write(text: str) -> None:
    """Puts the figures between the marks of docs/performance.md."""
    page = PAGE.read_text()
    before, _, rest = page.partition(_BEGIN)
    _, found, after = rest.partition(_END)
    if not found:
        raise SystemExit(f"bench: {PAGE} has lost its marks")
    PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}")


def _row(case: Case, script: str) -> list[str]:
    medians, p99s = ([getattr(load, name) for load in case.loads] for name in ("median_ms", "p99_ms"))
    return [
        case.name,
        str(case.connections),
        _spread(case.rates, "{:.0f}".format),
        f"{statistics.median(medians):.1f}, {statistics.median(p99s):.1f}",
        f"`{script}`",
        _spread(case.raw_rates[script], "{:.0f}".format),
        _spread(case.shares(script), "{:.1%}".format),
    ]


def _hot(cases: Sequence[Case]) -> str:
    rates = {case.connections: case.rates for case in cases if case.name == "one hot account"}
    gains = [at32 / at8 for at8, at32 in zip(rates[8], rates[32], strict=True)]
    return f"The hot account at 32 connections by 8: {_spread(gains, '{:.2f}'.format)}."


def _trial_balance(measured: Measured) -> str:
    trial = measured.trial_balance
    rows = [
        [f"{size:,}", _spread(milliseconds, "{:.2f}".format), f"{trial.lines_per_second[size]:.0f}"]
        for size, milliseconds in trial.milliseconds.items()
    ]
    first, *_, last = trial.milliseconds.values()
    ratios = [large / small for small, large in zip(first, last, strict=True)]
    table = _table(["lines", "ms", "lines/s while filled, 1,000 entries a call"], rows)
    return f"{table}\n\nThe largest by the smallest: {_spread(ratios, '{:.2f}'.format)}."


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpu.read_text()) if cpu.exists() else None
    return f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), Python {platform.python_version()}"


def _spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    return f"{shown(min(values))} / **{shown(statistics.median(values))}** / {shown(max(values))}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
