"""The whole ledger as a file: for beancount, for hledger, and as a table.

`entries` reads the books, in the order of their days; the other modules each write one format. A file holds no time of
its making, so that the same books give the same bytes.
"""

from ledger.reports.exports.beancount import as_beancount
from ledger.reports.exports.hledger import as_hledger
from ledger.reports.exports.table import as_table

__all__ = ["as_beancount", "as_hledger", "as_table"]
