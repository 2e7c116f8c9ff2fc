"""Figures as Markdown, and their places in docs/performance.md: each part between marks of its own."""

from __future__ import annotations

import datetime
import os
import platform
import re
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def write(part: str, text: str) -> None:
    """Puts the figures of one part between its marks."""
    begin, end = f"<!-- make bench --write: {part} begins -->", f"<!-- make bench --write: {part} ends -->"
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"bench: {PAGE} has lost its marks of {part}")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def measured_on() -> str:
    """When and on what; begins the text of each part."""
    cpu = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpu.read_text()) if cpu.exists() else None
    return (
        f"Measured on {datetime.datetime.now(datetime.UTC).date()}, {os.cpu_count()} cores"
        f" ({model[1] if model else platform.machine()}), Python {platform.python_version()}"
    )


def spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    return f"{shown(min(values))} / **{shown(statistics.median(values))}** / {shown(max(values))}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
