"""The part `reports` of the bench: each report of the books at two sizes, and what is streamed.

Reports that a reader waits for are loaded by one connection, in turns of both sizes. The general ledger as a file and
the exports are read once each, to the end; beside their rows a second stands by how much the API process that answered
grew.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from bench import books, page, stack
from bench.load import request, run
from bench.run import ACCOUNTS, fill_with_statistics

REPORTS = (
    "trial_balance", "balance_sheet", "balance_sheet?compare=previous_year", "income_statement",
    "income_statement?compare=previous_period", "cash_flow", "cash_flow?method=direct", "general_ledger",
)  # fmt: skip
STREAMS = ("reports/general_ledger?format=csv", "exports/csv", "exports/beancount", "exports/hledger")
_CHART = (
    ("asset", "current_asset", "cash"), ("asset", "current_asset", None), ("liability", "current_liability", None),
    ("equity", "equity", None), ("revenue", "operating_revenue", None), ("expense", "operating_expense", None),
)  # fmt: skip
_WARM_UP_SECONDS = 0.5


def figures() -> str:
    seconds, rounds = float(os.environ.get("SEC", "1")), int(os.environ.get("RUNS", "5"))
    sizes = [int(word) for word in os.environ.get("LINES", "20000 2000000").split()]
    with stack.database() as server:
        sized = {size: books.make(f"reports-{size}", ACCOUNTS, _CHART) for size in sizes}
        for size, owner in sized.items():
            fill_with_statistics(server, owner, size)
        with stack.superuser(server, "bigledger") as connection:
            connection.execute("TRUNCATE events_pending")
        with stack.api() as port:
            measured = {name: _milliseconds(port, name, sized, seconds, rounds) for name in REPORTS}
            streams = {name: {size: _stream(port, name, owner) for size, owner in sized.items()} for name in STREAMS}
    return _rendered(measured, streams, f"{rounds} rounds of {seconds:g} s")


def _milliseconds(
    port: int, name: str, sized: Mapping[int, books.Books], seconds: float, rounds: int
) -> dict[int, list[float]]:
    """The median of each round, by the number of lines."""
    asked = {size: request("GET", f"/v1/reports/{name}", owner.api_key) for size, owner in sized.items()}
    found: dict[int, list[float]] = {size: [] for size in asked}
    for number in range(rounds + 1):
        for size, raw in asked.items():
            length = seconds if number else _WARM_UP_SECONDS
            load = run(port, lambda raw=raw: raw, connections=1, seconds=length, status=200)  # type: ignore[misc]
            if number:
                found[size].append(load.median_ms)
    return found


def _stream(port: int, path: str, owner: books.Books) -> tuple[float, float]:
    """(rows a second, MiB by which the process that answered grew at its peak)."""
    before = _resident("VmRSS")
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/{path}", headers={"Authorization": f"Bearer {owner.api_key}"}
    )
    began, rows = time.perf_counter(), 0
    with urllib.request.urlopen(asked, timeout=1800) as answer:
        while chunk := answer.read(1 << 16):
            rows += chunk.count(b"\n")
    elapsed = time.perf_counter() - began
    peak = _resident("VmHWM")
    return rows / elapsed, max(peak[pid] - before[pid] for pid in before.keys() & peak.keys()) / 1024


def _resident(name: str) -> dict[int, int]:
    """KiB of each process that this one started, by its id."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
    found, wave = {}, {os.getpid()}
    while wave := {pid for pid, parent in parents.items() if parent in wave}:
        for pid in wave:
            status = Path(f"/proc/{pid}/status")
            for line in status.read_text().splitlines() if status.exists() else ():
                if line.startswith(f"{name}:") and "postgres" not in Path(f"/proc/{pid}/comm").read_text():
                    found[pid] = int(line.split()[1])
    return found


def _rendered(
    measured: Mapping[str, Mapping[int, list[float]]],
    streams: Mapping[str, Mapping[int, tuple[float, float]]],
    about: str,
) -> str:
    shown = "{:.1f}".format
    sizes = list(next(iter(measured.values())))
    rows = []
    for name, by_size in measured.items():
        first, *_, last = by_size.values()
        ratio = statistics.median(last) / statistics.median(first)
        rows.append([f"`{name}`", *(page.spread(each, shown) for each in by_size.values()), f"{ratio:.2f}"])
    reports = page.table(["report", *(f"ms, {size:,} lines" for size in sizes), "last by first"], rows)
    head = [column for size in sizes for column in (f"lines/s, {size:,} lines", "MiB grown")]
    streamed = page.table(
        ["file", *head],
        [
            [f"`{name}`", *(text for rate, grown in by_size.values() for text in (f"{rate:,.0f}", f"{grown:.0f}"))]
            for name, by_size in streams.items()
        ],
    )
    return (
        f"{page.measured_on()}; client, API and database share it. {ACCOUNTS} accounts, one connection, {about}"
        f" (min / median / max of the rounds' medians).\n\n{reports}\n\nFiles, read once to the end; lines of the file"
        f" a second, and by how much the API process grew:\n\n{streamed}"
    )
