"""The registry of business rules: each name that `details[].rule` of an error can have, once.

An app declares its rules in `rules.py`, which is loaded when Django starts. Nothing else can be raised as a rule
(`bigledger.errors`), so `docs/rules.md` and the page at `/docs/api/rules` name them all. Which operations a rule
belongs to is said at the operation (`describe(rules=…)`): an app does not know who builds on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

RULES_PATH = "/docs/api/rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forbidden, in one wording, and what the caller can do about it.

    `message` has named placeholders, which are filled when the rule is broken. `elsewhere` says where the rule is
    broken without a request to the API.
    """

    name: str
    message: str
    remedy: str
    elsewhere: str = ""

    def __post_init__(self) -> None:
        _wordings.setdefault(self.name, []).append(self)

    def worded(self, message: str) -> Rule:
        """The same rule in other words, for a case that the first wording does not fit."""
        return Rule(self.name, message, self.remedy, self.elsewhere)

    def text(self, values: dict[str, object]) -> str:
        """The message with its placeholders filled, all of them and no others."""
        if values.keys() != placeholders(self.message):
            raise TypeError(f"rule {self.name} takes {sorted(placeholders(self.message))}, not {sorted(values)}")
        return self.message.format(**values)


_wordings: dict[str, list[Rule]] = {}


def register(name: str, message: str, remedy: str, *, elsewhere: str = "") -> Rule:
    """Called once per rule, where the app that raises it declares its rules."""
    if name in _wordings:
        raise ValueError(f"rule {name} is registered twice")
    return Rule(name, message, remedy, elsewhere)


def rules() -> list[Rule]:
    """Every rule in its first wording, by name."""
    return [_wordings[name][0] for name in sorted(_wordings)]


def wordings(rule: Rule) -> list[Rule]:
    """The rule in all its wordings, in the order of their declaration."""
    return list(_wordings[rule.name])


def placeholders(message: str) -> set[str]:
    """`{code}` and `{most}` of "Account {code} takes at most {most:,} lines."."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def shown(message: str) -> str:
    """The message as the documentation shows it: without the formats of its placeholders."""
    return "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(message))
