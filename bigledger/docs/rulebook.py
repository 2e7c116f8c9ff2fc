"""The registry of business rules as people read it: what a rule says, what to do, which operations can break it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bigledger.docs.openapi import document
from bigledger.rules import Rule, rules, shown, wordings


@dataclass(frozen=True, slots=True)
class Entry:
    """`operations` are those of the API ("POST /v1/invoices"), `elsewhere` says where else it can be broken."""

    name: str
    messages: Sequence[str]
    remedy: str
    operations: Sequence[str]
    elsewhere: str

    @property
    def remedy_parts(self) -> list[tuple[str, bool]]:
        """The remedy for a page: its texts, and which of them are names in code."""
        return [(text, position % 2 == 1) for position, text in enumerate(self.remedy.split("`"))]


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Every rule, by name. Kept, since making the whole contract is no work for a page that anybody can open."""
    operations = _operations()
    return tuple(_entry(rule, operations[rule.name]) for rule in rules())


def _entry(rule: Rule, operations: Sequence[str]) -> Entry:
    messages = [shown(wording.message) for wording in wordings(rule)]
    return Entry(rule.name, messages, rule.remedy, operations, rule.elsewhere)


def _operations() -> defaultdict[str, list[str]]:
    """The operations of each rule, in the order of the contract."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            for name in operation.get("x-rules", ()):
                found[name].append(f"{method.upper()} {path}")
    return found
