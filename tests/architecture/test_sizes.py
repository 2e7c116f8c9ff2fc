"""The size of the house: functions up to 70 lines, files up to 400, without exemptions."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.plugins import OURS

ROOT = Path(__file__).parent.parent.parent
SOURCES = [
    path for app in (*OURS, "tests", "bench") for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
]


def test_files_have_at_most_400_lines():
    assert len(SOURCES) > 50
    assert {str(p): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400} == {}


def test_functions_have_at_most_70_lines():
    too_long = {
        f"{path}:{node.name}": length
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > 70
    }
    assert too_long == {}
