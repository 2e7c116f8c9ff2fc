"""Journal numbers: the given reference when it is free, else the next of the year's series. May leave gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from bigledger.dry_run import current_dry_run
from bigledger.postgres.execute import fetch_all, fetch_one
from bigledger.tenants.context import current_tenant

_OF_SERIES = re.compile(r"(JE-[0-9]{4})-[0-9]+")


class JournalNumbers:
    """The numbers that some entries are to bear, in order; `replace` those that somebody has, until none is taken.

    A reference used twice among them is the number of its first entry only.
    """

    def __init__(self, wanted: Sequence[tuple[str | None, int]]) -> None:
        """`wanted` is the reference and the year of each entry."""
        self._years = [year for _, year in wanted]
        self._last = Counter[int]()  # of each year's series, as far as it was proposed here
        self.proposed: list[str] = []
        self.given: set[str] = set()
        for reference, _ in wanted:
            is_first = bool(reference) and reference not in self.given
            self.proposed.append(reference if reference and is_first else "")
            if reference:
                self.given.add(reference)
        self._fill()

    @property
    def claimed_series(self) -> set[str]:
        """The series that a reference of the caller's looks like a number of."""
        return {match[1] for reference in self.given if (match := _OF_SERIES.fullmatch(reference))}

    @property
    def series(self) -> list[str]:
        """Every series that may be touched, in the order in which they are locked."""
        return sorted({f"JE-{year}" for year in self._years} | self.claimed_series)

    def replace(self, taken: Collection[str]) -> None:
        """The next numbers of the series, in place of those that are taken."""
        self.proposed = ["" if number in taken else number for number in self.proposed]
        self._fill()

    def _fill(self) -> None:
        if "" not in self.proposed:
            return
        missing = Counter(year for number, year in zip(self.proposed, self._years, strict=True) if not number)
        fresh = {year: iter(_fresh(year, count, self._last)) for year, count in missing.items()}
        self.proposed = [number or next(fresh[year]) for number, year in zip(self.proposed, self._years, strict=True)]


def lock_claimed(numbers: JournalNumbers) -> None:
    """Keeps postings with generated numbers out of a series until this transaction ends, when a reference looks like
    one of its numbers."""
    if claimed := numbers.claimed_series:
        fetch_one("SELECT ledger_lock_series(%s, %s)", [sorted(claimed), sorted(claimed)])


def taken_numbers(wanted: Collection[str]) -> set[str]:
    """Those of `wanted` that an entry has as its number."""
    sql = "SELECT number FROM ledger_journalentry WHERE tenant_id = app_tenant() AND number = ANY(%s)"
    return {number for (number,) in fetch_all(sql, [list(wanted)])}


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
