"""The program that sets one document and ends: a request on its input, the PDF on its output.

It is a process of its own so that it can be stopped: no text, however made, holds a worker for longer than its time
limit or takes more memory than is given here. It imports nothing of ours. Fonts are read from their folder each time
(20 ms), and nothing but them: not the machine's, so that the same data gives the same bytes everywhere.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent
_MEMORY_BYTES = 2 * 1024**3
_CPU_SECONDS = 60


def main() -> None:
    """Reads `{"template": …, "data": {…}}`, writes the bytes of a tagged PDF (PDF/UA-1)."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    request = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_HERE / "fonts")])
    options: dict[str, Any] = {
        "root": str(_ROOT),
        "font_paths": fonts,
        "sys_inputs": {"data": json.dumps(request["data"])},
    }
    template = str(_ROOT / request["template"])
    try:
        content = typst.compile(template, pdf_standards=["ua-1"], **options)
    except typst.TypstError as fault:
        # What cannot be told to a screen reader is still a document for everybody else.
        sys.stderr.write(f"not accessible: {fault}\n")
        content = typst.compile(template, **options)
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
