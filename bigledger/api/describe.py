"""The declared input and output of an operation, from which the OpenAPI document is generated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec import Struct

from bigledger.api.listing import Listing
from bigledger.api.selection import Expansion
from bigledger.api.shapes import Shape
from bigledger.rules import Rule

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Description:
    """`takes` is None for no body, `gives` None for none; `media` replaces JSON in the answer. `example` is
    a body that works on the demo books. `listing` makes it a list of `gives` below an object; `expansions` is what of
    a `gives` other than the view's own body can be expanded; `rules` are those that the operation may break.
    `filtering` is the list whose filters a file takes, `csv` an example of a file that is the body, `query` reads the
    parameters that the operation has beside those of every write. `named` is what clients call the operation, where the
    name that its path and method give (`sendInvoice`) would not be plain."""

    takes: type[Shape] | None
    gives: type[Struct] | None
    status: int
    example: Mapping[str, Any] | None
    media: str | None
    listing: Listing | None
    expansions: Mapping[str, Expansion] = field(default_factory=dict)
    rules: Collection[Rule] = ()
    filtering: Listing | None = None
    csv: str | None = None
    query: type[Shape] | None = None
    named: str = ""


def describe(
    *,
    takes: type[Shape] | None = None,
    gives: type[Struct] | None = None,
    status: int = 200,
    example: Mapping[str, Any] | None = None,
    media: str | None = None,
    listing: Listing | None = None,
    expansions: Mapping[str, Expansion] | None = None,
    rules: Collection[Rule] = (),
    filtering: Listing | None = None,
    csv: str | None = None,
    query: type[Shape] | None = None,
    named: str = "",
) -> Callable[[F], F]:
    """On the method of a view. Outermost, so that it describes what the router finds."""

    def mark(method: F) -> F:
        method.operation = Description(  # type: ignore[attr-defined]
            takes, gives, status, example, media, listing, expansions or {}, rules, filtering, csv, query, named
        )
        return method

    return mark
