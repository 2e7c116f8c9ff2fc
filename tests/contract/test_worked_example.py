"""The worked example of docs/adding-a-resource.md, pasted into a copy of the project as it stands.

What a reader does by hand is done here as the page says: blocks are added to the files that they name, commands run.
"""

from __future__ import annotations

import ast
import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = "docs/adding-a-resource.md"
BLOCK = re.compile(r"^```(python|diff)\n# (from )?(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".bigledger", ".*_cache", "__pycache__", ".hypothesis", "build")
MOST_FILES = 12
# What is no file of the product: what is written about it, made from it, or tests it.
BESIDE = ("docs/", "tests/", "sdks/", "openapi.json")

# Walks over all that there is, and the tests of the example itself.
WALKS = (
    "tests/ledger/test_cost_centers.py",
    "tests/architecture/test_admin.py",
    "tests/architecture/test_isolation.py",
    "tests/architecture/test_other_tenants.py",
    "tests/architecture/test_resources.py",
    "tests/architecture/test_routines.py",
    "tests/architecture/test_sizes.py",
    "tests/architecture/test_views.py",
    "tests/architecture/test_what_apps_declare.py",
    "tests/architecture/test_who_acts.py",
    "tests/access/test_permissions.py",
    "tests/api/test_every_parameter.py",
    "tests/backoffice/test_every_page.py",
    "tests/contract/test_only_grows.py",
    "tests/events/test_registry.py",
)
# Of the walks with a test for each resource, page or event, those of the example.
CHOSEN = (
    "(not (other_tenants or every_parameter or every_page or registry) or cost or every_registered or acts_with)"
    " and not (table_of_scopes or each_kind)"
)
# By walk: which of its cases are the example's.
PASSED_OVER = {
    "test_every_page": ("CostCenter",),
    "test_other_tenants": ("cost-centers/{pk}-PATCH-cost_centers-partial_update", "cost-centers-GET-cost_centers-list"),
    "test_permissions": ("cost-centers",),
    "test_registry": ("cost_center.created", "cost_center.updated"),
    "test_resources": ("cost_centers",),
    "test_views": ("CostCenterViewSet",),
}

# One whole system at a time: this one starts a server of its own.
pytestmark = pytest.mark.xdist_group("whole machine")


def blocks() -> list[tuple[str, str, str, str]]:
    """(kind, "from " of a quotation, file, text) of each block that names its file."""
    example = (ROOT / PAGE).read_text().partition("\n## A worked example")[2].partition("\n## ")[0]
    return BLOCK.findall(example)


def added(text: str, block: str) -> str:
    """The file with the block's imports below its own, and the rest of the block at its end."""
    lines = block.splitlines(keepends=True)
    imports = [node.end_lineno or 0 for node in ast.parse(block).body if isinstance(node, ast.Import | ast.ImportFrom)]
    last = [node.end_lineno or 0 for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    head, tail = "".join(lines[: max(imports, default=0)]), "".join(lines[max(imports, default=0) :])
    above = text.splitlines(keepends=True)
    above[max(last) : max(last)] = [head]
    return "".join(above) + "\n\n" + tail


def changed(text: str, diff: str) -> str:
    """The file with each part of the diff in the one place where its lines stand."""
    for hunk in diff.split("@@\n"):
        lines = [(line[:1], line[1:]) for line in hunk.splitlines(keepends=True)]
        old = "".join(rest for sign, rest in lines if sign != "+")
        assert text.count(old) == 1, f"{text.count(old)} places in the file for\n{hunk}"
        text = text.replace(old, "".join(rest for sign, rest in lines if sign != "-"))
    return text


def apply(project: Path, kind: str, name: str, block: str) -> None:
    found = sorted(project.glob(name))
    path = found[-1] if found else project / name
    if kind == "diff":
        path.write_text(changed(path.read_text(), block))
    else:
        path.write_text(added(path.read_text(), block) if path.exists() else block)


class Project:
    """A copy of the project, with a home and a database of its own when something of it is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED, symlinks=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "BIGLEDGER"))}
        suite = {"PYTEST_XDIST_WORKER": "example", "DJANGO_SETTINGS_MODULE": "tests.settings"}
        self.environment = {**inherited, **suite, "PYTHONPATH": str(folder)}

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def files(self) -> set[str]:
        """Those that are not as they were in the original, tests and pages aside, and what tools keep beside them
        (`.schemathesis`), which another test may be writing."""
        here = {path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}
        return {
            str(path)
            for path in here
            if not str(path).startswith(BESIDE)
            and not any(part[0] == "." or part == "__pycache__" for part in path.parts)
            if not (ROOT / path).exists() or not filecmp.cmp(ROOT / path, self.folder / path, shallow=False)
        }


@pytest.mark.parametrize(("name", "text"), [(name, text) for _, quoted, name, text in blocks() if quoted])
def test_what_the_page_quotes_is_there(name: str, text: str) -> None:
    assert text in (ROOT / name).read_text()


def test_whoever_pastes_the_example_gets_a_resource(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    migrated = False
    for kind, quoted, name, block in blocks():
        if "/migrations/" in name and not migrated:
            project.run("-W", "ignore", "manage.py", "makemigrations", "ledger", "--name", "cost_centers")
            migrated = True
        if not quoted:
            apply(project.folder, kind, name, block)
    project.run("-m", "ruff", "check", "--fix", "--quiet", "ledger", "tests/ledger")
    project.run("-m", "ruff", "format", "--quiet", "ledger", "tests/ledger")
    project.run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    project.run("manage.py", "write_contracts")

    files = project.files()
    assert "ledger/admin/accounts.py" in files
    assert len(files) <= MOST_FILES, sorted(files)
    assert not [name for name in files if name.startswith("bigledger/")]
    project.run("-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run")
    walked = project.run("-m", "pytest", "-vv", "-p", "no:cacheprovider", *WALKS, "-k", CHOSEN)
    passed = set(re.findall(r"(\w+)\.py::\w+\[(\S+)\] PASSED", walked))
    assert {(walk, case) for walk, cases in PASSED_OVER.items() for case in cases} <= passed
