"""One word for one thing: no module, public function or class has a name that the glossary rejects."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.plugins import OURS

ROOT = Path(__file__).parent.parent.parent
MODULES = [path for app in OURS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def rejected() -> set[str]:
    """The second column of the glossary's table of rejected words."""
    section = (ROOT / "docs/glossary.md").read_text().partition("## One word for one thing\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")][1:]
    return {word.strip() for row in rows for word in row[2].split(",")}


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def names(path: Path) -> set[str]:
    """The module's own name, and those of its public functions and classes with their public methods."""
    tree = ast.parse(path.read_text())
    found = {path.stem if path.stem != "__init__" else path.parent.name}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.add(node.name)
            methods = node.body if isinstance(node, ast.ClassDef) else []
            functions = [one for one in methods if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
            found |= {one.name for one in functions if not one.name.startswith("_")}
    return found


def test_the_glossary_rejects_words() -> None:
    assert {"rehearse", "sweep", "remembered"} <= rejected()


def test_no_name_has_a_rejected_word() -> None:
    found = {
        (word, name, str(path.relative_to(ROOT)))
        for path in MODULES
        for name in names(path)
        for word in words(name) & rejected()
    }
    assert found == set()
