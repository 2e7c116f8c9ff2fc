"""The API's RSGI application, which notes each request that was given a task of the event loop (`TASKS`: a file)."""

import os
from pathlib import Path
from typing import Any

from bigledger.rsgi import application

_in_a_task = application.__rsgi__
_noted = Path(os.environ["TASKS"])


async def _counted(scope: Any, proto: Any) -> None:
    with _noted.open("a") as file:
        file.write(f"{scope.method} {scope.path}\n")
    await _in_a_task(scope, proto)


application.__rsgi__ = _counted  # type: ignore[method-assign]
