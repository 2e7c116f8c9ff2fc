"""Typesetting a document, within a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import structlog

TIME_LIMIT_SECONDS = 30.0
_TYPESETTER = Path(__file__).resolve().parent / "typesetter.py"

logger = structlog.get_logger(__name__)


class PdfFailed(Exception):
    """The document could not be typeset: the engine refused it, or took too long."""


def render(template: str, data: dict[str, Any], *, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> bytes:
    """The PDF of this data by the template at this path of ours; the same data gives the same bytes. Raises PdfFailed.

    In a process of its own, which is killed at the time limit.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_TYPESETTER)],
            input=json.dumps({"template": template, "data": data}).encode(),
            capture_output=True,
            timeout=time_limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PdfFailed(f"not done after {time_limit_seconds} seconds") from None
    said = done.stderr.decode(errors="replace")[-500:].strip()
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise PdfFailed(said or f"the typesetter ended with {done.returncode}")
    if said:
        logger.warning("pdf_not_accessible", template=template, said=said)
    return done.stdout
