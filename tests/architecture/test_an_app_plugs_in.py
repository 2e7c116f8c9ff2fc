"""INSTALLED_APPS is all that has to be told of an app: one of a test's own is installed in a process of its own.

`tests/plugged/seen.py` looks at what it brings; the walks of this folder, which know nothing of it, pass over it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parent.parent.parent
WALKS = (
    "tests/plugged/seen.py",
    "tests/architecture/test_admin.py",
    "tests/architecture/test_isolation.py",
    "tests/architecture/test_other_tenants.py",
    "tests/architecture/test_views.py",
    "tests/architecture/test_what_apps_declare.py",
    "tests/access/test_permissions.py",
    "tests/events/test_registry.py",
)
# Of the walks with a test for each resource or event, those of the app's own.
CHOSEN = "not (test_other_tenants or test_registry) or cost or every_registered or acts_with"
# By walk: which of its cases are the app's.
PASSED_OVER = {
    "test_other_tenants": ("cost-centers/{pk}-GET-cost_centers-retrieve", "cost-centers-GET-cost_centers-list"),
    "test_registry": ("cost_center.created",),
    "test_permissions": ("cost-centers",),
    "test_views": ("CostCenterViewSet",),
    "test_what_apps_declare": ("plugged",),
}

# One browser or whole system at a time: this one starts a server of its own.
pytestmark = pytest.mark.xdist_group("whole machine")


def environment() -> dict[str, str]:
    """A home and a database of its own, as for a further worker of the suite; INSTALLED_APPS, and no other setting."""
    plugged = json.dumps({"INSTALLED_APPS": [*settings.INSTALLED_APPS, "tests.plugged"]})
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "BIGLEDGER_"))}
    return {**inherited, "TEST_SETTINGS": plugged, "PYTEST_XDIST_WORKER": "plugged"}


def test_an_app_is_installed_by_its_name_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", *WALKS, "-k", CHOSEN],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    passed = set(re.findall(r"(\w+)\.py::\w+\[(\S+)\] PASSED", done.stdout))
    assert {(walk, case) for walk, cases in PASSED_OVER.items() for case in cases} <= passed
