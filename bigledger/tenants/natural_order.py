"""The order in which people look for names, codes and numbers; ADR 95.

By letters without their marks and case (Äpfel, apple, Łódź, Zebra, zürich), and with the digits in a text counted as
numbers (INV-2026-999 before INV-2026-1030). A column that is listed in this order has a twin, `<column>_order`, which
the database computes and an index holds: lists find it by its name.
"""

from __future__ import annotations

from django.db import models


class SearchText(models.Func):
    """Without case and accents: what a search compares."""

    function = "search_text"
    output_field = models.TextField()


class SortText(models.Func):
    """What natural order compares, byte by byte."""

    function = "sort_text"
    output_field = models.TextField()


def natural_order(column: str) -> models.GeneratedField:
    """The twin of a column."""
    order = models.TextField(db_collation="C")
    return models.GeneratedField(expression=SortText(column), output_field=order, db_persist=True)


_ENDING = "_order"


def order_column(column: str) -> str:
    return f"{column}{_ENDING}"


def column_of(order: str) -> str:
    """The column whose twin this is."""
    return order.removesuffix(_ENDING)
