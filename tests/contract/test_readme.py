"""The five minutes of the README, pasted into a shell as they stand, on a first start."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platform.test_crash import PROJECT, System, home  # noqa: F401 - a fixture

BLOCK = re.compile(r"^    (.*)$")
PROMPT = "=> "
# What differs on every machine and day: ids, tags and links; and the books of a demo year that ends today.
MADE_UP = [
    (r"\b(je|inv|req|pay|acc|cus)_01[0-9a-hjkmnp-tv-z]{24}", r"\1_ID"),
    (r'etag: "[0-9a-f.]+"', "etag"),
    (r"/i/[A-Za-z0-9_-]{43}", "/i/TOKEN"),
    (r'"totals":\{"debit":([0-9.]+),"credit":\1\}', '"totals":"equal"'),
    (r'"debit":[0-9.]+,"credit":0\.00,(\s*)"lines_url"', r'"debit":"BALANCE","credit":0.00,\1"lines_url"'),
    (r'"name":"Savings Account","balance":[0-9.]+', '"name":"Savings Account"'),
]
FIGURE = re.compile(r'"\w+":(?:"[^"]*"|-?[0-9.]+|true|false|null)')


@dataclass
class Step:
    """A command, what is typed into it, and what the README shows of its output: answers in part."""

    command: str
    typed: str
    shown: str


def steps() -> Iterator[Step]:
    text = (PROJECT / "README.md").read_text().partition("## Five minutes")[2].partition("\n## ")[0]
    lines = [match[1] for line in text.splitlines() if (match := BLOCK.match(line))]
    for part in "\n".join(lines).split("\n$ ")[1:]:
        command, _, rest = part.partition("\n")
        while command.count("'") % 2 or command.count('"') % 2:
            more, _, rest = rest.partition("\n")
            command += f"\n{more}"
        typed = [line.removeprefix(PROMPT) for line in rest.splitlines() if line.startswith(PROMPT)]
        yield Step(command, "\n".join(typed), "\n".join(x for x in rest.splitlines() if not x.startswith(PROMPT)))


def plain(text: str, port: str) -> str:
    text = text.replace(f"localhost:{port}", "localhost:8000")
    for pattern, name in MADE_UP:
        text = re.sub(pattern, name, text)
    return text


def missing(shown: str, given: str) -> list[str]:
    """The figures of the answer, and the lines that are no JSON, that are shown and were not given."""
    pieces = []
    for line in map(str.strip, shown.splitlines()):
        pieces += FIGURE.findall(line) if '":' in line else [line]
    return [piece for piece in pieces if piece not in given]


@pytest.mark.xdist_group("whole machine")
def test_the_five_minutes_run_as_they_are_printed(
    home: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    system = System(home)
    port = system.environment["PORT"]
    text = (PROJECT / "README.md").read_text()
    function = re.search(r"^    (api\(\) .*)$", text, re.MULTILINE)
    assert function
    opening = f"KEY={system.api_key}\n{function[1].replace('localhost:8000', f'127.0.0.1:{port}')}\n"
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "manage.py").symlink_to(PROJECT / "manage.py")
    faults, ran = [], 0
    try:
        for step in steps():
            env = {**system.environment, "PYTHONPATH": str(PROJECT)}
            run = subprocess.run(
                ["bash", "-c", opening + step.command], input=step.typed, cwd=tmp_path, env=env, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
            )  # fmt: skip
            absent = missing(plain(step.shown, port), plain(run.stdout, port))
            faults += [f"{step.command}\n  lacks {piece}\n  in {run.stdout}" for piece in absent]
            ran += 1
    finally:
        system.process.send_signal(signal.SIGTERM)
        system.process.wait(60)

    assert ran > 15
    assert not faults, "\n\n".join(faults)
