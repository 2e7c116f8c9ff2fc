"""What the database once said, kept in the process: to be shown to the database again, never trusted alone.

A row's version is where it lies and which transaction wrote it (`ctid` and `xmin`): any change of the row, by
whomever, gives it another. Who remembers a row sends that version along, and the statement that relies on it
compares (docs/adr/0052).
"""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `most` values; when that is reached, all are forgotten and asked for again."""

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
