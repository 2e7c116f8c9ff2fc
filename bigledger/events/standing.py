"""Reading figures together with the number of the last event that they stand on, in one statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bigledger.events.numbering import number_committed
from bigledger.postgres.execute import fetch_all, fetch_in_batches, fetch_one
from bigledger.tenants.context import current_tenant

# One statement sees one moment. `standing.known` is NULL for what is known now, else the last event that counts.
_WITH_STANDING = """
SELECT standing.seq, CASE WHEN %(is_event)s::boolean THEN events_time(standing.seq) ELSE events_moment() END,
    standing.waits, found.*
FROM (
    SELECT asked.seq, CASE WHEN given.one THEN asked.seq END AS known, NOT given.one AND events_others_wait() AS waits
    FROM COALESCE(%(seq)s::bigint, events_standing(%(known_at)s::timestamptz)) AS asked(seq),
        (SELECT num_nonnulls(%(known_at)s::timestamptz, %(seq)s::bigint) > 0 AS one) given
) standing LEFT JOIN LATERAL (SELECT true AS is_row, asked.* FROM ({sql}) asked) found ON true
"""
_HEAD = "SELECT COALESCE(max(seq), 0) FROM events_head WHERE tenant_id = app_tenant()"


@dataclass(frozen=True, slots=True)
class Standing:
    """`seq` is the number of the last event, `at` the moment at which the statement began, by the server's clock: what
    `known_at` is later compared with."""

    seq: int
    at: datetime.datetime


def fetch_standing(
    sql: str,
    params: Mapping[str, Any],
    known_at: datetime.datetime | None = None,
    *,
    seq: int | None = None,
    known_sql: str | None = None,
) -> tuple[Standing, list[tuple[Any, ...]]]:
    """On what the figures stand, and the rows of `sql`, which may read `standing.known`.

    With `known_at` the number is that of the last event before that moment, with `seq` it is that; `sql` has to leave
    out what came after it, or `known_sql` does, which is then taken instead.

    An event that is committed and not numbered yet has no place in the log: another one, which is not committed yet,
    may come before it. When the figures have such events of others, these are numbered, and the figures read again as
    of the last of them, so that they are found again by their number and time.
    """
    wanted = {**params, "known_at": known_at, "seq": seq, "is_event": False}
    is_known = known_sql is not None and (known_at is not None or seq is not None)
    rows = fetch_all(_statement(known_sql if is_known and known_sql else sql), wanted)
    if rows[0][2]:
        number_committed(current_tenant().id, up_to=rows[0][0])
        wanted |= {"seq": fetch_one(_HEAD)[0], "is_event": True}
        rows = fetch_all(_statement(known_sql or sql), wanted)
    return Standing(rows[0][0], rows[0][1].astimezone(datetime.UTC)), [row[4:] for row in rows if row[3]]


def in_batches_standing(sql: str, params: Mapping[str, Any], seq: int) -> Iterator[tuple[Any, ...]]:
    """The rows of `sql` as of the event `seq`, one by one, for what does not fit into memory. Inside a transaction."""
    wanted = {**params, "known_at": None, "seq": seq, "is_event": False}
    for batch in fetch_in_batches(_statement(sql), wanted):
        yield from (row[4:] for row in batch if row[3])


def _statement(sql: str) -> str:
    return _WITH_STANDING.replace("{sql}", sql)
