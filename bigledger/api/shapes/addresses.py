"""A postal address as bodies take it."""

from __future__ import annotations

from typing import Any

from bigledger.api.shapes.shape import Shape
from bigledger.api.shapes.text import TextField
from bigledger.iso3166 import COUNTRIES


class CountryField(TextField):
    """An ISO 3166 code of two letters."""

    default_error_messages = {"country": "Must be an ISO 3166 country code of two letters."}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code not in COUNTRIES:
            self.fail("country")
        return code


class AddressInput(Shape):
    line1 = TextField(max_length=200)
    line2 = TextField(max_length=200, required=False, allow_blank=True)
    city = TextField(max_length=100, required=False, allow_blank=True)
    state = TextField(max_length=100, required=False, allow_blank=True)
    postal_code = TextField(max_length=20, required=False, allow_blank=True)
    country = CountryField()
