"""Charts of accounts to begin with, one file each: `<id>.csv`, in the columns of the import and `purpose`.

`purpose` is what the system itself posts to an account; its name is the tenant's to choose, so the purpose stands in
the template and not in the name.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class ChartTemplate:
    id: str
    name: str
    description: str

    @cached_property
    def accounts(self) -> Sequence[Mapping[str, str]]:
        """The lines of the file; an empty cell is empty."""
        with (_FOLDER / f"{self.id}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


TEMPLATES = {
    template.id: template
    for template in (
        ChartTemplate("us", "United States", "A small company under US GAAP that collects sales tax."),
        ChartTemplate("uk", "United Kingdom", "A small limited company that is registered for VAT."),
        ChartTemplate("ifrs", "IFRS", "A company that reports under IFRS, in the words of its statements."),
    )
}
