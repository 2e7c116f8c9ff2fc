"""What integrations keep with an object: their own ids and labels, texts by name, which mean nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

MAX_KEYS, MAX_KEY_LENGTH, MAX_VALUE_LENGTH = 50, 40, 500


class WithMetadata(models.Model):
    """A row with `metadata`. Its shape has a `MetadataField`, its body `metadata: dict[str, str]`; its list has the
    filter by itself."""

    metadata = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        abstract = True


def in_stored_order(given: Mapping[str, Any]) -> dict[str, Any]:
    """In the order in which PostgreSQL keeps the keys of an object: a body is the same before and after it was stored,
    and so is its ETag."""
    return dict(sorted(given.items(), key=lambda item: (len(item[0].encode()), item[0].encode())))
