"""A sheet is a CSV file of the objects of a resource: what `/import` takes and `/export` gives, in the same columns.

Its columns are the fields of the shape that creates such an object, so nothing is declared twice. `columns` turns cells
into what JSON would hold and back, `reading` a file into objects, `imports` and `exports` are the operations.
"""

from bigledger.api.sheets.columns import Sheet
from bigledger.api.sheets.exports import export_of
from bigledger.api.sheets.imports import created_each, import_into
from bigledger.api.sheets.reading import place

__all__ = ["Sheet", "created_each", "export_of", "import_into", "place"]
