"""What ships starts: the tree that the Dockerfile copies, with what requirements.txt installs and nothing more.

A developer's machine has more of both, which once hid that neither started. Here the tree is copied as the Dockerfile
says, and modules that only the development list brings cannot be imported.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.platform.test_crash import PROJECT, environment, home
from tests.redis_server import RedisServer

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

__all__ = ["home"]

BLOCKER = """
import sys

class OnlyForDevelopment:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}: requirements.txt does not bring it", name=name)

sys.meta_path.insert(0, OnlyForDevelopment())
"""


def pinned(name: str) -> set[str]:
    """The distributions that a list of requirements pins."""
    return {_normal(found) for found in re.findall(r"^([A-Za-z0-9._-]+)==", (PROJECT / name).read_text(), re.MULTILINE)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def only_for_development() -> set[str]:
    """Top-level modules that come with requirements-dev.txt alone."""
    extra = pinned("requirements-dev.txt") - pinned("requirements.txt")
    return {
        module
        for module, distributions in packages_distributions().items()
        if {_normal(name) for name in distributions} <= extra and module.isidentifier()
    }


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The tree of the image, as the COPY lines of the Dockerfile make it."""
    tree = tmp_path / "app"
    tree.mkdir()
    for line in re.findall(r"^COPY (?!--from)(.+)$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            path, into = PROJECT / source, tree / target
            if path.is_dir():
                shutil.copytree(path, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, into / path.name if into.is_dir() else into)
    return tree


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def test_the_lists_differ() -> None:
    assert {"pytest", "playwright", "mypy"} <= only_for_development()
    assert not {"django", "celery", "redis", "packaging"} & only_for_development()


@pytest.mark.parametrize("broker", ["folder", "redis"])
def test_the_tree_of_the_image_starts_with_the_packages_that_ship(
    shipped: Path, home: Path, tmp_path: Path, redis: RedisServer, broker: str
) -> None:
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(BLOCKER.format(names=only_for_development()))
    more = {"REDIS_URL": redis.url} if broker == "redis" else {}
    variables = environment(home, PYTHONPATH=str(blocker), **more)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=shipped, env=variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout
    printed = ""
    try:
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        assert process.poll() is None, printed
        key = re.search(r"blg_[^\s\"]+", printed)
        assert key, printed
        for path in ("/readyz", "/v1/accounts", "/docs/api", "/admin/", "/sign-in"):
            url = f"http://127.0.0.1:{variables['PORT']}{path}"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key[0]}"})
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
                assert answer.status == 200, path
    finally:
        process.send_signal(signal.SIGTERM)
        printed += process.communicate(timeout=60)[0]
    assert process.returncode == 0, printed
    logs = {path.name: path.read_text() for path in (home / "logs").glob("*.log")}
    assert not [name for name, text in logs.items() if "Traceback" in text], logs
