"""Reading figures together with the number of the last event that they stand on, in one statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from bigledger.postgres.execute import fetch_all, fetch_in_batches

# One statement sees one moment. `standing.known` is NULL for what is known now, else the last event that counts.
_WITH_STANDING = """
SELECT standing.seq, found.* FROM (
    SELECT asked.seq, CASE WHEN num_nonnulls(%(known_at)s::timestamptz, %(seq)s::bigint) > 0 THEN asked.seq END AS known
    FROM COALESCE(%(seq)s::bigint, events_standing(%(known_at)s::timestamptz)) AS asked(seq)
) standing LEFT JOIN LATERAL (SELECT true AS is_row, asked.* FROM ({sql}) asked) found ON true
"""


def fetch_standing(
    sql: str, params: Mapping[str, Any], known_at: datetime.datetime | None = None, *, seq: int | None = None
) -> tuple[int, list[tuple[Any, ...]]]:
    """The number of the last event, and the rows of `sql`, which may read `standing.known`.

    With `known_at` the number is that of the last event before that moment, with `seq` it is that; `sql` has to leave
    out what came after it.
    """
    rows = fetch_all(_WITH_STANDING.replace("{sql}", sql), {**params, "known_at": known_at, "seq": seq})
    return rows[0][0], [row[2:] for row in rows if row[1]]


def in_batches_standing(sql: str, params: Mapping[str, Any], seq: int) -> Iterator[tuple[Any, ...]]:
    """The rows of `sql` as of the event `seq`, one by one, for what does not fit into memory. Inside a transaction."""
    wanted = {**params, "known_at": None, "seq": seq}
    for batch in fetch_in_batches(_WITH_STANDING.replace("{sql}", sql), wanted):
        yield from (row[2:] for row in batch if row[1])
