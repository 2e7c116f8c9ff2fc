"""What raises the event of cost centers."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Caller
from tests.plugged.makes import one_of_each

RAISES: dict[str, Callable[[Caller], object]] = {"cost_center.created": one_of_each}
