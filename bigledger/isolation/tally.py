"""What was tried, and what came back that belongs to somebody else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PUBLIC = re.compile(r"[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])")
_CROCKFORD = {letter: value for value, letter in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}


def ids_in(text: str) -> set[uuid.UUID]:
    """Every id in a text, in the form of the database (`0190…-…`) and of the API (`inv_01h…`)."""
    found = {uuid.UUID(one) for one in _UUID.findall(text)}
    for one in _PUBLIC.findall(text):
        value = 0
        for letter in one:
            value = value << 5 | _CROCKFORD[letter]
        if value < 1 << 128:
            found.add(uuid.UUID(int=value))
    return found


@dataclass
class Tally:
    """`theirs` are the ids of all that the other tenant has."""

    theirs: frozenset[uuid.UUID]
    probes: int = 0
    foreign: list[str] = field(default_factory=list)

    def rows(self, what: str, count: int) -> None:
        """A probe that counts rows of the other tenant."""
        self.probes += 1
        if count:
            self.foreign.append(f"{what}: {count} rows")

    def text(self, what: str, text: str, *, sent: Iterable[uuid.UUID] = ()) -> None:
        """A probe whose answer is read for ids of the other tenant; those that were `sent` may be repeated."""
        self.probes += 1
        if shown := (ids_in(text) & self.theirs) - set(sent):
            self.foreign.append(f"{what}: {len(shown)} rows, {min(map(str, shown))} for one")
