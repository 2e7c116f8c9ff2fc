"""Journal numbers: the given reference when it is free, else the next of the year. May leave gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from bigledger.dry_run import current_dry_run
from bigledger.postgres.execute import fetch_all, fetch_one
from bigledger.tenants.context import current_tenant


def choose_numbers(
    wanted: Sequence[tuple[str | None, int]], taken_among: Callable[[list[str]], Collection[str]]
) -> list[str]:
    """A number for each (reference, year), in order. `taken_among` says which of them somebody has, once or more
    often: those are replaced until it finds none.

    A reference used twice in one batch is the number of its first entry only.
    """
    numbers: list[str] = []
    seen = set[str | None]()
    for reference, _ in wanted:
        numbers.append(reference if reference and reference not in seen else "")
        seen.add(reference)
    last = Counter[int]()  # of each year's series, as far as it was proposed here
    while True:
        if "" in numbers:
            missing = Counter(year for number, (_, year) in zip(numbers, wanted, strict=True) if not number)
            fresh = {year: iter(_fresh(year, count, last)) for year, count in missing.items()}
            numbers = [number or next(fresh[year]) for number, (_, year) in zip(numbers, wanted, strict=True)]
        taken = taken_among(numbers)
        if not taken:
            return numbers
        numbers = ["" if number in taken else number for number in numbers]


def taken_numbers(wanted: Collection[str]) -> set[str]:
    """Those of `wanted` that an entry has as its number. Nobody else gets the others before this transaction ends."""
    numbers = sorted(wanted)
    fetch_one("SELECT ledger_lock_numbers(%s)", [numbers])
    sql = "SELECT number FROM ledger_journalentry WHERE tenant_id = app_tenant() AND number = ANY(%s)"
    return {number for (number,) in fetch_all(sql, [numbers])}


def _fresh(year: int, count: int, last: Counter[int]) -> list[str]:
    """The next `count` numbers of the year's series. A dry run takes none, and so goes on from `last`."""
    highest = max(last[year], _last_taken(year)) + count if current_dry_run() else _take(year, count)
    last[year] = highest
    return [f"JE-{year}-{n:03d}" for n in range(highest - count + 1, highest + 1)]


def _take(year: int, count: int) -> int:
    """Takes `count` numbers for good, outside this transaction; returns the highest."""
    arguments = [current_tenant().id, f"JE-{year}", count]
    (highest,) = fetch_one("SELECT ledger_take_numbers(%s, %s, %s)", arguments, using="autonomous")
    return int(highest)


def _last_taken(year: int) -> int:
    """The highest number taken so far."""
    rows = fetch_all(
        "SELECT last FROM ledger_journalcounter WHERE tenant_id = app_tenant() AND series = %s", [f"JE-{year}"]
    )
    return int(rows[0][0]) if rows else 0
