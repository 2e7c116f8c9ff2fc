from __future__ import annotations

from bigledger.api.shapes import DayField, Shape, TextField


class CostCenterInput(Shape):
    code = TextField(max_length=20)
    name = TextField(max_length=200)


class CostCentersParams(Shape):
    counted_on = DayField(required=False)
