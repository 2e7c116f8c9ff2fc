"""The answer of both stores for one request."""

from __future__ import annotations

from typing import NamedTuple

Lease = int | str
# A request that is still running after this long has lost its slot; so has one whose process was killed.
LEASE_MILLISECONDS = 60_000


class Count(NamedTuple):
    """`refused` is a set of bits: 1 the hour, 2 the second, 4 at once. `used` is of the hour."""

    refused: int
    used: int
    resets_at_ms: int
    lease: Lease | None
