"""What the pages of docs/ say of settings, jobs, commands, addresses and files is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from bigledger.docs import tables
from tests.plugins import OURS

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_variable_that_is_read_is_in_the_table_and_every_one_of_the_table_is_read() -> None:
    tree = ast.parse((ROOT / "bigledger/settings/environment.py").read_text())
    read = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "_env"
        and isinstance(node.args[0], ast.Constant)
    }

    assert len(read) > 20
    assert read == tables.setting_names()


def test_no_other_module_reads_the_environment() -> None:
    """But for the names that Django, Celery and the suite set themselves."""
    allowed = {"DJANGO_SETTINGS_MODULE"}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if path.name != "environment.py"
        for name in re.findall(r"os\.environ(?:\.get\(|\[|\.setdefault\()\"([A-Z_]+)\"", path.read_text())
        if name not in allowed
    }
    assert found == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_commands_of_a_page_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http", "mailto:")):
            assert (page.parent / target).exists(), target
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        tables.load_command_class(tables.get_commands()[command], command)
    for target in re.findall(r"\bmake ([a-z][a-z-]+)\b`", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_addresses_that_a_page_gives_exist(page: Path) -> None:
    for path in re.findall(r"`(?:GET|POST|PATCH|PUT|DELETE) (/[^`?\s]*)", page.read_text()):
        concrete = re.sub(r"\{[^}]*\}|<[^>]*>|…", "x", path)
        if "*" in concrete:
            continue
        try:
            resolve(concrete)
        except Resolver404:
            pytest.fail(f"{page.name} names {path}, which is no address of this server")
