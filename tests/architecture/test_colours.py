"""Colours are in `bigledger/tokens.css`, and those of the back office in unfold's; what is always white may say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import unfold
from unfold.settings import CONFIG_DEFAULTS

ROOT = Path(__file__).parents[2]
SHEETS = sorted(
    path
    for app in ("bigledger", "customers", "dashboard", "invoicing", "ledger", "webhooks")
    for path in (ROOT / app).rglob("*.css")
    if path.name not in ("tokens.css", "uPlot.min.css")
)
_OWN = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.IGNORECASE)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_sheet_has_no_colours_of_its_own(sheet: Path) -> None:
    assert set(_OWN.findall(re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL))) <= {"#fff"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_value_that_a_sheet_uses_is_there(sheet: Path) -> None:
    known = set(
        re.findall(r"(--[\w-]+):", (ROOT / "bigledger/static/bigledger/tokens.css").read_text() + sheet.read_text())
    )
    used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text()))
    if sheet.is_relative_to(ROOT / "bigledger/backoffice"):
        theirs = (Path(unfold.__file__).parent / "static/unfold/css/styles.css").read_text()
        shades = {f"--color-{name}-{shade}" for name, of in CONFIG_DEFAULTS["COLORS"].items() for shade in of}
        known |= shades | set(re.findall(r"(--color-[\w-]+):", theirs))
    assert used <= known
