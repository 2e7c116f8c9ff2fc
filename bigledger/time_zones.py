"""Time zones by the names of the IANA database, out of the `tzdata` package: on every machine the same.

What lies under /usr/share/zoneinfo is the machine's own (`localtime`, `posixrules`, whatever its administrator added).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NO_PLACE = frozenset({"Factory"})  # the database's own word for "not set"


@cache
def names() -> frozenset[str]:
    """Every zone and link of the database."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split()) - _NO_PLACE


@cache
def zone(name: str) -> ZoneInfo:
    """The rules of a zone. A name that a tenant was given before names were checked is still the machine's."""
    if name not in names():
        return ZoneInfo(name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
