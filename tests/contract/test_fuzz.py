"""Schemathesis makes requests from the OpenAPI document; the running server must keep every promise in it.

In the suite it stops after FUZZ_SECONDS; `make fuzz` runs with FUZZ_EXAMPLES a request for half an hour.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.api.conftest import open_chart, rent
from tests.conftest import make_tenant
from tests.running import ROOT, api_server


def test_schemathesis_finds_nothing(committed: None, tmp_path: pytest.TempPathFactory) -> None:
    caller = make_tenant("Fuzzed")
    open_chart(caller)
    caller.post("/v1/journal-entries", rent(reference="JE-2024-001"))
    with api_server() as base:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{base}/v1/openapi.json", "--url", base,
            "--checks", "all", "--header", f"Authorization: Bearer {caller.api_key}",
            "--max-examples", os.environ.get("FUZZ_EXAMPLES", "15"), "--seed", os.environ.get("FUZZ_SEED", "1"),
            "--max-time", os.environ.get("FUZZ_SECONDS", "20"), "--generation-database", "none",
        ]  # fmt: skip
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout[-20000:]
