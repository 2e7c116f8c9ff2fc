"""`compose.yaml` starts with no password that everybody knows."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_compose_has_no_known_password() -> None:
    """Each password is a variable that must be set, and what BigLedger signs in as is no superuser."""
    text = (PROJECT / "compose.yaml").read_text()

    assert re.findall(r"\$\{(\w*PASSWORD)(:?.)", text) == [
        ("DATABASE_PASSWORD", ":?"), ("POSTGRES_PASSWORD", ":?"), ("DATABASE_PASSWORD", ":?"),
    ]  # fmt: skip
    assert "POSTGRES_USER" not in text
    assert "NOSUPERUSER" in (PROJECT / "deploy" / "owner.sh").read_text()
