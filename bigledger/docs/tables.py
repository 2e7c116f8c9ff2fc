"""Tables inside pages that people write, made from the code: settings, scheduled jobs, commands.

A page holds each between `<!-- settings -->` and `<!-- /settings -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class

from bigledger import clock
from bigledger.celery import app
from bigledger.settings import environment


def filled(page: str, tables: dict[str, str]) -> str:
    """The text of a page of docs/ with its tables as they are today."""
    text = Path(settings.BASE_DIR, page).read_text()
    for name, table in tables.items():
        before, opened, rest = text.partition(f"<!-- {name} -->\n")
        _, closed, after = rest.partition(f"<!-- /{name} -->")
        if not (opened and closed):
            raise ValueError(f"{page} has no place for the table of {name}")
        text = before + opened + table + closed + after
    return text


def settings_table() -> str:
    """The table of `environment.py`, names and defaults set as code."""
    lines = [f"| {names} | {default} | {meaning} |\n" for names, default, meaning in _settings_rows()]
    return "| variable | default | meaning |\n|---|---|---|\n" + "".join(lines)


def setting_names() -> set[str]:
    return {name for names, *_ in _settings_rows() for name in re.findall(r"[A-Z_]{4,}", names)}


def _settings_rows() -> Iterator[list[str]]:
    for line in (environment.__doc__ or "").splitlines():
        if line.startswith("| ") and not line.startswith("| variable "):
            names, default, meaning = (cell.strip() for cell in line.strip("| ").split(" | "))
            named = re.sub(r"[A-Z_]{4,}", lambda name: f"`{name[0]}`", names)
            yield [named, default.replace("<", "&lt;"), meaning]


def jobs_table() -> str:
    """Every task of the schedule: its name, its interval, the first line of what it says of itself."""
    app.loader.import_default_modules()
    rows = sorted((job.task, _interval(job.every_seconds)) for job in clock.jobs().values())
    lines = [f"| `{name}` | {interval} | {_summary(app.tasks[name].__doc__)} |\n" for name, interval in rows]
    return "| job | every | what |\n|---|---|---|\n" + "".join(lines)


def commands_table() -> str:
    """The commands of `manage.py` that are ours."""
    ours = sorted(name for name, where in get_commands().items() if str(where).startswith("bigledger"))
    lines = [f"| `{name}` | {load_command_class('bigledger', name).help} |\n" for name in ours]
    return "| command | what |\n|---|---|\n" + "".join(lines)


def _interval(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} seconds"
    minutes = seconds / 60
    return "hour" if minutes == 60 else "minute" if minutes == 1 else f"{minutes:g} minutes"


def _summary(text: str | None) -> str:
    return " ".join((text or "").strip().partition("\n\n")[0].split())
