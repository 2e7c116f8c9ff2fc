"""Closed lists of the values of a text, as types of bodies declare them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneOf:
    """Of a field of text: its values are a closed list, and `enum` is the name of the enum that GraphQL shows it as."""

    enum: str
    values: tuple[str, ...]


def one_of(enum: str, values: Iterable[str]) -> OneOf:
    """For `Status = Annotated[str, one_of("MailDeliveryStatus", ("queued", "sent"))]`. Fields that a list filters by
    have their enum from the filter (ADR 161)."""
    return OneOf(enum, tuple(map(str, values)))
