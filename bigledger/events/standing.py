"""Reading figures together with the number of the last event that they stand on, in one statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bigledger.postgres.execute import fetch_all, fetch_in_batches

# One statement sees one moment. `standing.known` is NULL for what is known now, else the last event that counts.
_WITH_STANDING = """
SELECT standing.seq, events_moment(), found.* FROM (
    SELECT asked.seq, CASE WHEN num_nonnulls(%(known_at)s::timestamptz, %(seq)s::bigint) > 0 THEN asked.seq END AS known
    FROM COALESCE(%(seq)s::bigint, events_standing(%(known_at)s::timestamptz)) AS asked(seq)
) standing LEFT JOIN LATERAL (SELECT true AS is_row, asked.* FROM ({sql}) asked) found ON true
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`seq` is the number of the last event, `at` the moment at which the statement began, by the server's clock: what
    `known_at` is later compared with."""

    seq: int
    at: datetime.datetime


def fetch_standing(
    sql: str, params: Mapping[str, Any], known_at: datetime.datetime | None = None, *, seq: int | None = None
) -> tuple[Standing, list[tuple[Any, ...]]]:
    """On what the figures stand, and the rows of `sql`, which may read `standing.known`.

    With `known_at` the number is that of the last event before that moment, with `seq` it is that; `sql` has to leave
    out what came after it.
    """
    rows = fetch_all(_WITH_STANDING.replace("{sql}", sql), {**params, "known_at": known_at, "seq": seq})
    return Standing(rows[0][0], rows[0][1].astimezone(datetime.UTC)), [row[3:] for row in rows if row[2]]


def in_batches_standing(sql: str, params: Mapping[str, Any], seq: int) -> Iterator[tuple[Any, ...]]:
    """The rows of `sql` as of the event `seq`, one by one, for what does not fit into memory. Inside a transaction."""
    wanted = {**params, "known_at": None, "seq": seq}
    for batch in fetch_in_batches(_WITH_STANDING.replace("{sql}", sql), wanted):
        yield from (row[3:] for row in batch if row[2])
