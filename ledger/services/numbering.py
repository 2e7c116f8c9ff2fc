"""Journal numbers: the given reference when it is free, else the next of the year. May leave gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bigledger.dry_run import current_dry_run
from bigledger.postgres.execute import fetch_all, fetch_one
from bigledger.tenants.context import current_tenant


def journal_numbers(wanted: Sequence[tuple[str | None, int]], free: set[str]) -> list[str]:
    """A number for each (reference, year), in order; `free` are the references nobody has as a number.

    A reference used twice in one batch is the number of its first entry only.
    """
    numbers: list[str] = []
    open_references = set(free)
    missing = Counter[int]()
    for reference, year in wanted:
        if reference in open_references:
            open_references.discard(reference)
            numbers.append(reference)
        else:
            missing[year] += 1
            numbers.append("")
    fresh = {year: iter(_fresh(year, count)) for year, count in missing.items()}
    return [number or next(fresh[year]) for number, (_, year) in zip(numbers, wanted, strict=True)]


def free_numbers(wanted: Sequence[str]) -> set[str]:
    """Those of `wanted` that no entry has as its number. Nobody else gets them before this transaction ends."""
    (free,) = fetch_one("SELECT ledger_free_numbers(%s)", [list(wanted)])
    return set(free)


def _fresh(year: int, count: int) -> list[str]:
    """`count` numbers of the year's series that nobody has taken as a reference."""
    found: list[str] = []
    last = _last_taken(year)
    while len(found) < count:
        needed = count - len(found)
        last = last + needed if current_dry_run() else _take(year, needed)
        candidates = [f"JE-{year}-{n:03d}" for n in range(last - needed + 1, last + 1)]
        free = free_numbers(candidates)
        found += [number for number in candidates if number in free]
    return found


def _take(year: int, count: int) -> int:
    """Takes `count` numbers for good, outside this transaction; returns the highest."""
    arguments = [current_tenant().id, f"JE-{year}", count]
    (highest,) = fetch_one("SELECT ledger_take_numbers(%s, %s, %s)", arguments, using="autonomous")
    return int(highest)


def _last_taken(year: int) -> int:
    """The highest number taken so far: where a dry run, which takes none, begins to count."""
    if not current_dry_run():
        return 0
    rows = fetch_all(
        "SELECT last FROM ledger_journalcounter WHERE tenant_id = app_tenant() AND series = %s", [f"JE-{year}"]
    )
    return int(rows[0][0]) if rows else 0
