"""Lists: what a resource declares is what its callers may filter, search and sort by.

`page` and `limit` count pages; `cursor` follows the rows themselves (keyset), so that a long export
neither skips nor repeats a row while others write. An unknown parameter is refused with the closest valid
name. See spec section 2.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.datastructures import MultiValueDict

from bigledger import texts
from bigledger.api import keyset
from bigledger.api.filters import FilterField
from bigledger.api.keyset import SortKey
from bigledger.api.patience import most_faults
from bigledger.api.shapes import checked_text
from bigledger.api.shapes.metadata import checked_key
from bigledger.detail_codes import DetailCode
from bigledger.errors import Detail, ValidationFailed
from bigledger.tenants.metadata_index import HasMetadata
from bigledger.tenants.natural_order import SearchText, order_column

DEFAULT_LIMIT, MAX_LIMIT = 20, 100
MAX_PAGE = 1_000_000
MAX_LINES = 10_000  # of all documents on a page
_OPERATOR = re.compile(r"(?P<name>[a-z0-9_.]+)\[(?P<operator>[a-z]+)\]")
_METADATA = re.compile(r"metadata\[([^\[\]]*)\]", re.DOTALL)
_MAX_SEARCH_LENGTH, _MAX_NAME = 100, 60
GIVEN_TWICE = "Given more than once."
_WORDS: dict[str, DetailCode] = {
    "date": "not_a_date", "date-time": "not_a_date", "number": "not_a_number", "boolean": "not_a_boolean",
    "integer": "not_a_number", "enum": "not_a_choice",
}  # fmt: skip
_PARAMETERS = ("page", "limit", "cursor", "sort", "expand", "fields")


def unknown_parameter(name: str, known: Collection[str]) -> Detail:
    """The detail for an unknown parameter."""
    close = difflib.get_close_matches(name[:_MAX_NAME], list(known), n=1)
    message = "Unknown parameter." + (f" Did you mean {close[0]}?" if close else "")
    return Detail(message, field=name, code="unknown_parameter")


@dataclass(frozen=True, slots=True)
class Page:
    """`order` is that of a page which a cursor follows."""

    rows: list[Any]
    meta: dict[str, Any]
    order: Sequence[SortKey] | None = None

    def bounded(self, lines: Sequence[int]) -> Page:
        """The page with at most `MAX_LINES` lines, where `lines` are those of its rows. A page of a cursor ends early:
        the cursor goes on from there. Raises ValidationFailed for a numbered one."""
        fits = sum(total <= MAX_LINES for total in accumulate(lines))
        if fits == len(self.rows):
            return self
        if self.order is None:
            message = (
                f"These {len(self.rows)} objects have {sum(lines):,} lines, but a page holds at most {MAX_LINES:,}."
                f" Ask for limit={MAX_LINES // max(lines)}, or page with cursor=, which shortens a page when necessary."
            )
            raise ValidationFailed.at("limit", message, "too_large")
        rows = self.rows[:fits]
        return Page(rows, {**self.meta, "next_cursor": keyset.encode(self.order, rows[-1])}, self.order)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks of a list, checked: which rows, in which order, from where, and how many at most.

    `cursor` is the sort key of the last row seen; `number` counts pages where there is none.
    """

    condition: Q
    order: Sequence[SortKey]
    cursor: Sequence[Any] | None
    number: int
    limit: int

    @property
    def start(self) -> int:
        """How many rows come before the page."""
        return (self.number - 1) * self.limit

    def following(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those behind the cursor; all, without one."""
        return rows if self.cursor is None else rows.filter(keyset.after(self.order, self.cursor))


@dataclass(frozen=True, slots=True)
class Listing:
    """The parameters of one resource's list.

    `filters` by public name; `sort` the names of those filters that rows may be sorted by; `order` the
    default, as in the `sort` parameter; `search` the columns that `search` looks in. `has_metadata` is set by the
    resource: then `metadata[key]=value` finds the rows that have the value.
    """

    filters: Mapping[str, FilterField]
    sort: Sequence[str]
    order: str
    search: Sequence[str] = ()
    has_metadata: bool = False

    def ask(self, model: type[Model], query: MultiValueDict[str, str]) -> Asked:
        """The question in `query`. Raises ValidationFailed with every fault at once."""
        faults: list[Detail] = []
        limit = self._number(query, "limit", DEFAULT_LIMIT, MAX_LIMIT, faults)
        number = self._number(query, "page", 1, MAX_PAGE, faults)
        condition = self._condition(model, query, faults)
        order = self._order(model, query, faults)
        cursor = self._cursor(query, order, faults)
        if faults:
            raise ValidationFailed(details=faults)
        return Asked(condition, order, cursor, number, limit)

    def chosen(self, model: type[Model], query: MultiValueDict[str, str]) -> Q:
        """The condition in `query`, which has filters alone: no pages and no order. Raises ValidationFailed."""
        known = [*self.filters, *(["search"] if self.search else [])]
        faults = [unknown_parameter(name, known) for name in _PARAMETERS if name in query]
        condition = self._condition(model, query, faults)
        if faults:
            raise ValidationFailed(details=faults)
        return condition

    def read(self, rows: QuerySet[Any], query: MultiValueDict[str, str]) -> Page:
        """The rows a caller asked for. Raises ValidationFailed with every fault at once."""
        asked = self.ask(rows.model, query)
        rows = rows.filter(asked.condition).order_by(*(key.order_by() for key in asked.order))
        if "cursor" in query:
            return _keyset(rows, asked)
        total = rows.count()
        found = list(rows[asked.start : asked.start + asked.limit]) if asked.start < total else []
        meta = {"page": asked.number, "limit": asked.limit, "total": total, "pages": math.ceil(total / asked.limit)}
        return Page(found, meta)

    def _number(self, query: MultiValueDict[str, str], name: str, default: int, most: int, faults: list[Detail]) -> int:
        text = query.get(name)
        if text is None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= most:
            return int(text)
        faults.append(Detail(f"Must be a whole number from 1 to {most}.", field=name, code="out_of_range"))
        return default

    def _condition(self, model: type[Model], query: MultiValueDict[str, str], faults: list[Detail]) -> Q:
        condition = Q()
        seen: set[tuple[str, str]] = set()
        for name, values in query.lists():
            if len(faults) >= most_faults():
                break
            value = values[-1]  # the view refuses a second one
            if name in _PARAMETERS:
                continue
            if name == "search" and self.search:
                condition &= self._search(value, faults)
                continue
            if self.has_metadata and (key := _METADATA.fullmatch(name)):
                condition &= _with_metadata(model, name, key[1], value, faults)
                continue
            match = _OPERATOR.fullmatch(name)
            filter_name, operator = (match["name"], match["operator"]) if match else (name, "eq")
            filter_field = self.filters.get(filter_name)
            if filter_field is None or (match and operator not in filter_field.operators):
                faults.append(self._unknown(name, filter_name, filter_field))
                continue
            if (filter_name, operator) in seen:  # under its other name: status and status[eq]
                faults.append(Detail(GIVEN_TWICE, field=name, code="repeated"))
                continue
            seen.add((filter_name, operator))
            try:
                found = filter_field.condition(operator, checked_text(value, name))
            except ValueError as fault:
                faults.append(Detail(str(fault), field=name, code=_WORDS.get(filter_field.kind)))
                continue
            except ValidationFailed as fault:
                faults.extend(fault.details)
                continue
            condition &= _each_row_once(model, filter_field, found)
        return condition

    def _unknown(self, name: str, filter_name: str, filter_field: FilterField | None) -> Detail:
        if filter_field is not None:
            valid = ", ".join(f"{filter_name}[{operator}]" for operator in filter_field.operators)
            return Detail(f"Unknown operator; {filter_name} supports {valid}.", field=name, code="unknown_parameter")
        known = [*self.filters, *_PARAMETERS, *(["search"] if self.search else [])]
        return unknown_parameter(name, [*known, *(["metadata[key]"] if self.has_metadata else [])])

    def _search(self, text: str, faults: list[Detail]) -> Q:
        if len(text) > _MAX_SEARCH_LENGTH:
            faults.append(
                Detail(f"Must have at most {_MAX_SEARCH_LENGTH} characters.", field="search", code="too_long")
            )
            return Q()
        try:
            text = checked_text(text, "search")
        except ValidationFailed as fault:
            faults.extend(fault.details)
            return Q()
        condition = Q()
        for column in self.search if text else ():
            condition |= Q(GreaterThan(StrIndex(SearchText(F(column)), SearchText(Value(text))), 0))
        return condition

    def _order(self, model: type[Model], query: MultiValueDict[str, str], faults: list[Detail]) -> list[SortKey]:
        """The keys of the order, ending with the id, which makes it total."""
        order: list[SortKey] = []
        for part in query.get("sort", self.order).split(","):
            name, _, direction = part.partition(":")
            if name not in self.sort or direction not in ("", "asc", "desc") or name in (key.name for key in order):
                valid = ", ".join(self.sort)
                faults.append(
                    Detail(
                        f"Cannot sort by {part[:50]!r}; use name:asc or name:desc, where name is one of {valid}.",
                        field="sort",
                        code="not_a_choice",
                    )
                )
                return []
            order.append(SortKey(name, _sorted_column(model, self.filters[name].column), direction == "desc", model))
        return [*order, SortKey("id", "pk", order[0].descending, model)]

    def _cursor(
        self, query: MultiValueDict[str, str], order: Sequence[SortKey], faults: list[Detail]
    ) -> list[Any] | None:
        """The sort key of the last row seen, or None at the start (`cursor=`)."""
        text = query.get("cursor")
        if not isinstance(text, str) or not text:
            return None
        if "page" in query:
            faults.append(Detail("Give either page or cursor.", field="page", code="incompatible"))
        if not order:  # a sort that nobody knows is told of already
            return None
        try:
            return keyset.decode(text, order)
        except ValueError:
            faults.append(Detail("Invalid cursor for this list and sort order.", field="cursor", code="invalid"))
            return None


def _with_metadata(model: type[Model], name: str, key: str, value: str, faults: list[Detail]) -> Q:
    """The rows that have this value under this key."""
    try:
        return Q(HasMetadata(model, {checked_key(key): checked_text(value, name)}))
    except texts.BadText as fault:
        faults.append(Detail(str(fault), field=name, code=fault.code))
    except ValidationFailed as fault:
        faults.extend(fault.details)
    return Q()


def _keyset(rows: QuerySet[Any], asked: Asked) -> Page:
    found = list(asked.following(rows)[: asked.limit + 1])
    more = len(found) > asked.limit
    found = found[: asked.limit]
    next_cursor = keyset.encode(asked.order, found[-1]) if more else None
    return Page(found, {"limit": asked.limit, "next_cursor": next_cursor}, asked.order)


def _sorted_column(model: type[Model], column: str) -> str:
    """The column's twin in natural order, where it has one."""
    fields = keyset.fields_on(model, order_column(column))
    return order_column(column) if fields and fields[-1].name == order_column(column).rpartition("__")[2] else column


def _each_row_once(model: type[Model], field: FilterField, condition: Q) -> Q:
    """A condition on the many rows below a row (an entry's lines) must not give the row once for each of them."""
    if not any(step.many_to_many or step.one_to_many for step in keyset.fields_on(model, field.column)):
        return condition
    return Q(pk__in=model._default_manager.filter(condition).values("pk"))
