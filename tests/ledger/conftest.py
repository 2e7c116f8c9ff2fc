"""What the tests of the ledger share: acme's books with a chart of three accounts."""

from tests.api.conftest import books

__all__ = ["books"]
