"""Input shapes of webhooks."""

from __future__ import annotations

from bigledger.api.shapes import FlagField, ListField, MetadataField, Shape, TextField, WholeNumberField
from bigledger.texts import LINES_OF_A_DESCRIPTION
from webhooks.addresses import MAX_URL_LENGTH


class EndpointInput(Shape):
    url = TextField(max_length=MAX_URL_LENGTH)
    events = ListField(child=TextField(max_length=60), min_length=1, max_length=200)
    description = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    is_active = FlagField(required=False)
    metadata = MetadataField()


class RotationInput(Shape):
    overlap_hours = WholeNumberField(min_value=0, max_value=24 * 30, required=False)


class ReplayInput(Shape):
    from_seq = WholeNumberField(min_value=1, max_value=2**53)
    to_seq = WholeNumberField(min_value=1, max_value=2**53, required=False, allow_null=True)
