"""A cache of rows with their versions, in each process. The database checks every entry again on each use.

The version of a row is its place and the transaction that wrote it (`ctid` and `xmin`), so any change of the row
changes its version. The caller sends the version along, and the statement that relies on the row compares it
(docs/adr/0052).
"""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class RowCache(Generic[K, V]):
    """At most `most` rows. When the cache is full, it is emptied and fills again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        return self._values.get(key)

    def forget(self, key: K) -> None:
        self._values.pop(key, None)

    def keep(self, key: K, value: V) -> None:
        if len(self._values) >= self._most:
            self._values = {}
        self._values[key] = value
