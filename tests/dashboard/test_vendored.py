"""What is copied into the tree is what was published, byte for byte; docs/dependencies.md says from where."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HASHES = {
    "tests/vendored/axe-core": {
        "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    },
    "dashboard/static/dashboard/uplot": {
        "uPlot.esm.js": "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba",
        "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    },
    "bigledger/static/bigledger/inter": {
        "inter-latin-wght-normal.woff2": "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
    },
}


@pytest.mark.parametrize("folder", HASHES)
def test_it_is_as_published_and_its_licence_lies_beside_it(folder: str) -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (ROOT / folder).iterdir()}

    assert found.pop("LICENSE")
    assert found == HASHES[folder]
    licence = (ROOT / folder / "LICENSE").read_text()
    assert "Copyright" in licence or licence.startswith("Mozilla Public License, version 2.0")
