"""Reading figures together with the number of the last event that they stand on, in one statement."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from bigledger.postgres.execute import fetch_all

# One statement sees one moment. `standing.known` is NULL for what is known now, else the last event that counts.
_WITH_STANDING = """
SELECT standing.seq, found.* FROM (
    SELECT seq, CASE WHEN %(known_at)s::timestamptz IS NOT NULL THEN seq END AS known
    FROM events_standing(%(known_at)s::timestamptz) AS seq
) standing LEFT JOIN LATERAL (SELECT true AS is_row, asked.* FROM ({sql}) asked) found ON true
"""


def fetch_standing(
    sql: str, params: Mapping[str, Any], known_at: datetime.datetime | None = None
) -> tuple[int, list[tuple[Any, ...]]]:
    """The number of the last event, and the rows of `sql`, which may read `standing.known`.

    With `known_at` the number is that of the last event before that moment; `sql` has to leave out what came after it.
    """
    rows = fetch_all(_WITH_STANDING.replace("{sql}", sql), {**params, "known_at": known_at})
    return rows[0][0], [row[2:] for row in rows if row[1]]
