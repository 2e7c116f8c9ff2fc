"""Every SDK makes the calls of `sdks/conformance/cases.yaml` against the running server, and says the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import connections

from tests.conftest import Caller, make_tenant
from tests.contract.reference import blocks
from tests.running import ROOT, api_server

SDKS = ROOT / "sdks"
CONFORMANCE = SDKS / "conformance"
JAVASCRIPT = SDKS / "javascript"
sys.path.insert(0, str(CONFORMANCE))
from cases import as_json, cases  # noqa: E402 - beside the runners, which are no part of this package

PYTHON = [sys.executable, str(CONFORMANCE / "run_python.py")]
# Node is needed by nobody who runs BigLedger; a machine without it tests the Python SDK alone.
needs_node = pytest.mark.skipif(not shutil.which("npm"), reason="needs node and npm")


def environment(base: str, caller: Caller) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(SDKS / "python"),
        "BIGLEDGER_BASE_URL": base,
        "BIGLEDGER_API_KEY": caller.api_key,
    }


def outcomes(command: Sequence[str], name: str) -> dict[str, str]:
    """By the name of the case, what was wrong."""
    caller = _with_books(name)
    with api_server() as base:
        run = subprocess.run(
            command, input=as_json(name), env=environment(base, caller), capture_output=True, text=True, timeout=120
        )
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout)
    return found


def _with_books(name: str) -> Caller:
    caller = make_tenant(name)
    assert caller.post("/v1/chart-templates/us/apply", {}).status == 201
    return caller


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript SDK as its users get it, made from a copy."""
    place = tmp_path_factory.mktemp("sdk") / "javascript"
    shutil.copytree(JAVASCRIPT, place, ignore=shutil.ignore_patterns("node_modules", "dist"))
    made = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=place, capture_output=True, text=True, timeout=300
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return place


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(committed: None, kind: str) -> None:
    found = outcomes([*PYTHON, kind], f"Python{kind}")

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == len(cases()) >= 25


@needs_node
def test_javascript(committed: None, built: Path) -> None:
    runner = [str(CONFORMANCE / "run_javascript.mjs"), str(built / "dist/esm/index.js")]
    found = outcomes(["node", *runner], "JavaScript")

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == len(cases())


@needs_node
def test_the_example_of_the_reference_runs_as_it_is_printed(committed: None, built: Path, tmp_path: Path) -> None:
    (example,) = [block.text for block in blocks() if block.section == "JavaScript SDK Example"]
    caller = _with_books("Example")
    (tmp_path / "node_modules/@bigledger").mkdir(parents=True)
    (tmp_path / "node_modules/@bigledger/sdk").symlink_to(built)
    (tmp_path / "example.mjs").write_text(f"{example.replace('YOUR_API_KEY', caller.api_key)}\nconsole.log('ready');\n")
    with api_server() as base:
        process = subprocess.Popen(
            ["node", "example.mjs"], cwd=tmp_path, env=environment(base, caller), text=True, stdout=subprocess.PIPE
        )
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            # Its position is that of the latest event; those before the payment are numbered when it begins.
            said = _pay_until_it_is_said(process, caller)
        finally:
            process.kill()
            process.wait(10)

    assert said == "Payment received: {\n"


def _pay_until_it_is_said(process: subprocess.Popen[str], caller: Caller) -> str:
    """Receives payments, numbered as the relay does, until the program prints something."""
    import select

    assert process.stdout
    customer = caller.get("/v1/customers?limit=1").body["data"][0]["id"]
    for _ in range(30):
        paid = {"customer_id": customer, "amount": 10, "currency": "USD", "method": "cash"}
        assert caller.post("/v1/payments", paid).status == 201
        _number_events(caller)
        if select.select([process.stdout], [], [], 2)[0]:
            return process.stdout.readline()
    return ""


def _number_events(caller: Caller) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT events_number(%s, 10000)", [[caller.tenant.id]])


def test_the_python_sdk_passes_its_own_tests() -> None:
    """In a process of its own: the package has the name of this project's."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", "."),
            *("-p", "no:django", "-p", "no:cacheprovider", "tests"),
        ],
        cwd=SDKS / "python",
        env={**os.environ, "PYTHONPATH": str(SDKS / "python")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_generated_halves_are_those_of_the_contract() -> None:
    run = subprocess.run([sys.executable, str(SDKS / "generate.py"), "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
