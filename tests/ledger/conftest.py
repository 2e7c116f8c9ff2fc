"""What the tests of the ledger share: acme's books with a chart of three accounts, and a clock that can be set."""

from tests.api.conftest import books
from tests.sales import at

__all__ = ["at", "books"]
