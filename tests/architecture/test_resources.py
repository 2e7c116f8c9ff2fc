"""One resource, one declaration: prefixes and natural keys stand on the models, all else in `resources.py`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from bigledger.api.resource import Resource
from bigledger.api.views import ResourceViewSet
from bigledger.ids import Identified
from tests.architecture.test_views import VIEWS

ROOT = Path(__file__).parents[2]
OURS = [ROOT / name for name in ("bigledger", "ledger", "invoicing", "customers", "webhooks")]
MODELS = [model for model in apps.get_models() if issubclass(model, Identified)]
SHOWN: list[Resource] = [view.of for view in VIEWS if issubclass(view, ResourceViewSet)]
# A draft's line keeps its id when it is posted.
ONE_IDENTITY = {"JournalLine", "DraftLine"}
# What takes a prefix takes it from a model.
_TAKES_A_PREFIX = {"encode", "decode", "parse", "key_fault"}


def _sources() -> list[Path]:
    return [file for folder in OURS for file in folder.rglob("*.py") if "migrations" not in file.parts]


def test_no_two_models_share_a_prefix() -> None:
    by_prefix = defaultdict(set)
    for model in MODELS:
        by_prefix[model.id_prefix].add(model.__name__)

    assert len(by_prefix) > 30
    assert [names for names in by_prefix.values() if len(names) > 1] == [ONE_IDENTITY]
    assert [prefix for prefix in by_prefix if not re.fullmatch("[a-z]{2,5}", prefix)] == []


def test_every_resource_is_declared_once() -> None:
    declared = [
        found
        for file in _sources()
        if file.name in ("resources.py", "feed.py")
        for found in vars(import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))).values()
        if isinstance(found, Resource)
    ]
    names = [resource.name for resource in SHOWN]

    assert len(names) == len(set(names)) == len({resource.model for resource in SHOWN}) >= 16
    assert {id(resource) for resource in declared} == {id(resource) for resource in SHOWN}


@pytest.mark.parametrize("resource", SHOWN, ids=lambda resource: resource.name)
def test_a_natural_key_names_one_row_of_a_tenant(resource: Resource) -> None:
    field = resource.model.natural_field
    if field is None:
        return
    meta = resource.model._meta  # type: ignore[attr-defined]
    assert field in resource.listing.filters
    if not meta.managed:  # a view, whose rows have their key from what they are of
        return
    unique = [c for c in meta.constraints if isinstance(c, models.UniqueConstraint) and c.condition is None]

    assert ("tenant", field) in [tuple(constraint.fields) for constraint in unique]


def _prefix_in(node: ast.AST) -> str:
    """The prefix that a call is given as text, or that a text is put together with."""
    if isinstance(node, ast.Call) and node.args and isinstance(first := node.args[0], ast.Constant):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return str(first.value) if name in _TAKES_A_PREFIX else ""
    if isinstance(node, ast.JoinedStr) and node.values and isinstance(begin := node.values[0], ast.Constant):
        return str(begin.value)[:-1] if str(begin.value).endswith("_") else ""
    return ""


def test_no_prefix_is_written_out_but_on_its_model() -> None:
    prefixes = {model.id_prefix for model in MODELS}

    found = [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for file in _sources()
        for node in ast.walk(ast.parse(file.read_text()))
        if _prefix_in(node) in prefixes
    ]

    assert found == []
