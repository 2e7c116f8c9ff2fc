"""From the names of REST to those of GraphQL: `due_date` is `dueDate`, `bank_transfer` is `BANK_TRANSFER`."""

from __future__ import annotations

import re

_JOINT = re.compile(r"(?<=[a-zA-Z0-9])_(?=[a-z])([a-z])")
_NOT_IN_A_NAME = re.compile(r"[^0-9A-Za-z]+")
_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def camel(name: str) -> str:
    """`days_over_90` is `daysOver_90`: an underscore before a digit stays, so that two names never become one."""
    return _JOINT.sub(lambda found: found[1].upper(), name)


def camel_path(path: str) -> str:
    """`lines[0].unit_price` is `lines[0].unitPrice`."""
    return ".".join(camel(part) for part in path.split("."))


def capital(name: str) -> str:
    """`payment_status` is `PaymentStatus`."""
    found = camel(name)
    return found[:1].upper() + found[1:]


def snake(name: str) -> str:
    """`JournalEntry` is `journal_entry`."""
    return _BEFORE_CAPITAL.sub("_", name).lower()


def member(value: str) -> str:
    """`bank_transfer` is `BANK_TRANSFER`: the name of an enum's value."""
    return _NOT_IN_A_NAME.sub("_", value).upper()
