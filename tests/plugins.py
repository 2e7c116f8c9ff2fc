"""What the tests of each app hand to the walks over all of them, by the app's label: `tests/<label>/<name>.py`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from django.apps import apps

from bigledger.apps import business_apps

# The packages that hold code of ours, `tests` and `bench` aside. An app of a test's own lies inside `tests`.
OURS = ("bigledger", *(app.name for app in business_apps() if "." not in app.name))


def modules(name: str) -> Iterator[ModuleType]:
    """Every module `tests.<label>.<name>` that there is, in the order of INSTALLED_APPS."""
    for app in apps.get_app_configs():
        if (Path(__file__).parent / app.label / f"{name}.py").exists():
            yield importlib.import_module(f"tests.{app.label}.{name}")
