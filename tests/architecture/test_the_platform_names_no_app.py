"""`bigledger/` knows no app of the business, neither by an import nor by a string; what must list them lists all."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bigledger.apps import business_apps
from tests.plugins import OURS

ROOT = Path(__file__).parent.parent.parent
PLATFORM = sorted((ROOT / "bigledger").rglob("*.py"))
APPS = {app.name for app in business_apps()}
# A dotted path into an app (`ledger.urls`), not a page of docs/ (`webhooks.md`), nor a table of one (`ledger_account`).
PATH = re.compile(rf"(?<![\w./])({'|'.join(APPS)})(\.(?!md\b)[a-z_]+|_[a-z]+)")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_no_module_of_the_platform_imports_an_app() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in PLATFORM
        for line, name in imported(ast.parse(path.read_text()))
        if name.partition(".")[0] in APPS
    }
    assert len(PLATFORM) > 100
    assert {"ledger", "customers", "invoicing", "webhooks"} <= APPS
    assert found == set()


def test_no_string_of_the_platform_names_a_module_or_a_table_of_an_app() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {match[0]}"
        for path in PLATFORM
        for line, text in strings(ast.parse(path.read_text()))
        for match in PATH.finditer(text)
    }
    assert found == set()


def test_no_sql_or_template_of_the_platform_names_one() -> None:
    files = [path for kind in ("sql", "html", "txt", "js") for path in (ROOT / "bigledger").rglob(f"*.{kind}")]
    assert len(files) > 20
    assert [(path.name, match[0]) for path in files for match in PATH.finditer(path.read_text())] == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert [match[0] for match in PATH.finditer("ledger.urls and invoicing_invoice")] == [
        "ledger.urls",
        "invoicing_invoice",
    ]
    assert not PATH.search("bigledger.urls, [webhooks.md](webhooks.md), the ledger. And webhooks")


def test_no_app_is_named_by_itself_but_where_apps_are_installed() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in PLATFORM
        for _, text in strings(ast.parse(path.read_text()))
        if text in APPS
    }
    assert found == {"bigledger/settings/__init__.py"}


def test_checks_of_types_and_layers_cover_every_app() -> None:
    """These are read by tools that know no Django, so they cannot read what apps plug in."""
    contracts = PROJECT["importlinter"]["contracts"]
    assert set(PROJECT["mypy"]["files"]) == {*OURS, "bench"}
    assert set(PROJECT["importlinter"]["root_packages"]) == set(OURS)
    for contract in contracts:
        named = {name for key in ("layers", "containers", "forbidden_modules") for name in contract.get(key, ())}
        words = {word for name in named for word in re.findall(r"[\w.]+", name)}
        assert words >= APPS or words.isdisjoint(APPS), contract["name"]


def test_the_image_copies_every_app() -> None:
    copied = re.findall(r"^COPY (\S+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert set(copied) == set(OURS)


def test_every_folder_with_models_is_installed() -> None:
    assert {path.parent.name for path in ROOT.glob("*/models*") if path.parent.name != "bigledger"} <= APPS
