"""The customer's API reference, read: its code blocks by section, and the exchanges among them.

`api-reference.md` is the customer's own text, unchanged. Nothing here knows what an example means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bigledger import exact_json

TEXT = (Path(__file__).parent / "api-reference.md").read_text()
# What is the server's own to choose: compared by kind, not by value.
OWN = {"id", "customer_id", "created_by", "request_id", "documentation_url", "signature"} | {
    "created_at", "updated_at", "paid_at", "timestamp",
}  # fmt: skip
_HEADING = re.compile(r"#{2,4} (.+)")


@dataclass(frozen=True)
class Block:
    """A fenced block: the heading it stands under, its language, its text."""

    section: str
    language: str
    text: str


@dataclass(frozen=True)
class Exchange:
    """A request as printed, and the answer printed below it, if there is one."""

    section: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    answer: str | None


def blocks(text: str = TEXT) -> list[Block]:
    """Every fenced block, in order. A `#` inside a block is no heading."""
    found: list[Block] = []
    section, language, inside = "", "", None
    for line in text.splitlines():
        if line.startswith("```"):
            if inside is None:
                language, inside = line[3:].strip(), []
            else:
                found.append(Block(section, language, "\n".join(inside)))
                inside = None
        elif inside is not None:
            inside.append(line)
        elif heading := _HEADING.fullmatch(line):
            section = heading[1]
    return found


def exchanges(text: str = TEXT) -> list[Exchange]:
    """Every `http` block, with the `json` block that follows it in its section."""
    found = []
    all_blocks = blocks(text)
    for block, following in zip(all_blocks, [*all_blocks[1:], None], strict=True):
        if block.language != "http":
            continue
        head, _, body = block.text.partition("\n\n")
        first, *header_lines = head.splitlines()
        method, path = first.split(" ")
        headers = dict(line.split(": ", 1) for line in header_lines)
        answers = following is not None and (following.section, following.language) == (block.section, "json")
        answer = following.text if following and answers else None
        found.append(Exchange(block.section, method, path, headers, body.encode(), answer))
    return found


def differences(printed: Any, got: Any, path: str = "") -> list[str]:
    """Where `got` is not what is `printed`. An answer may say more than is printed; a list in `data` may be
    longer, any other list may not. Numbers are exact decimals; what is the server's own has the same kind.
    """
    if isinstance(printed, dict):
        if not isinstance(got, dict):
            return [f"{path}: not an object"]
        missing = [f"{path}.{key}: missing" for key in printed if key not in got]
        return missing + [
            fault
            for key in printed
            if key in got
            for fault in (
                _kind(printed[key], got[key], f"{path}.{key}")
                if key in OWN and not isinstance(printed[key], dict)
                else differences(printed[key], got[key], f"{path}.{key}")
            )
        ]
    if isinstance(printed, list):
        if not isinstance(got, list) or len(got) < len(printed) or (path != ".data" and len(got) != len(printed)):
            return [f"{path}: another number of members"]
        return [fault for i, item in enumerate(printed) for fault in differences(item, got[i], f"{path}[{i}]")]
    if isinstance(printed, int | Decimal) and not isinstance(printed, bool):
        same = isinstance(got, int | Decimal) and not isinstance(got, bool) and Decimal(got) == Decimal(printed)
        return [] if same else [f"{path}: {got!r} is not {printed!r}"]
    return [] if got == printed and type(got) is type(printed) else [f"{path}: {got!r} is not {printed!r}"]


def _kind(printed: Any, got: Any, path: str) -> list[str]:
    """Ids have the printed prefix, moments are in UTC."""
    prefix = re.match(r"[a-z]+_", str(printed))
    if prefix and not str(got).startswith(prefix[0]):
        return [f"{path}: {got!r} does not begin with {prefix[0]}"]
    if str(printed).endswith("Z") and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(got)):
        return [f"{path}: {got!r} is no moment in UTC"]
    return []


def parsed(text: str) -> Any:
    return exact_json.decode(text.encode())
