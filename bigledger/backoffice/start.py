"""The start page of the back office: figures, what waits for somebody, the last twelve months, the latest events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from bigledger import ids
from bigledger.access.admin_start import Months, Start
from bigledger.access.admin_tenant import acting, may
from bigledger.access.models import User
from bigledger.access.scopes import WRITERS
from bigledger.apps import business_apps
from bigledger.backoffice.addresses import page_of
from bigledger.events.models import Event
from bigledger.tenants.context import current_tenant
from bigledger.typesetting.formatting import format_amount

LATEST = 10  # events
_PARTS: list[Callable[[], Start]] = [import_string(app.start) for app in business_apps() if app.start]


def start(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds what the page shows; nothing for staff who belong to no tenant."""
    context = {**context, "title": "Start"}
    if acting(request) is None:
        return context
    currency = current_tenant().base_currency
    parts = [part() for part in _PARTS]
    return {
        **context,
        "currency": currency,
        "figures": [
            {"label": one.label, "text": format_amount(one.amount, currency), "note": one.note,
             "page": page_of(one.address)}
            for part in parts for one in part.figures
        ],
        "tasks": [
            {"text": task.shown, "page": page_of(task.address)} for part in parts for task in part.tasks
            if task.count and _is_work_of(request, task.address)
        ],
        "charts": [_bars(part.months, currency) for part in parts if part.months],
        "latest": list(_latest()),
    }  # fmt: skip


def _is_work_of(request: HttpRequest, address: str) -> bool:
    """Whether the member's role may do what waits at `address` (`/v1/invoices?status=draft`)."""
    resource = address.partition("?")[0].removeprefix("/v1/").partition("/")[0].replace("-", "_")
    return resource not in WRITERS or may(request, "write", resource)


def _bars(months: Months, currency: str) -> dict[str, Any]:
    """Each month with its amount, and the place of its bar in percent of the height, from a line at zero."""
    amounts = [amount for _, amount in months.amounts]
    most, least = max([*amounts, Decimal(0)]), min([*amounts, Decimal(0)])
    height = most - least or Decimal(1)
    return {
        "title": months.title,
        "rows": [
            {
                "month": f"{month:%b}",
                "name": f"{month:%B %Y}",
                "text": format_amount(amount, currency),
                "y": round((most - max(amount, Decimal(0))) / height * 100, 2),
                "height": round(max(abs(amount) / height * 100, Decimal("0.5")), 2),
                "x": place * 100 + 16,
                "is_negative": amount < 0,
            }
            for place, (month, amount) in enumerate(months.amounts)
        ],
        "width": len(amounts) * 100,
        "zero": round(most / height * 100, 2),
    }


def _latest() -> Iterator[dict[str, Any]]:
    events = list(Event.objects.order_by("-seq")[:LATEST])
    keys = {found for event in events if (found := _user(event.actor))}
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "email"))
    for event in events:
        words = event.type.replace("_", " ").replace(".", " ")
        yield {
            "what": words.capitalize(),
            "who": names.get(
                _user(event.actor), "The clock" if event.actor.startswith("system:") else "A former member"
            ),
            "when": event.created_at,
            "page": page_of(event.public_id),
        }


def _user(actor: str) -> Any:
    """The member, not who made the credential that acted."""
    return ids.decode(User.id_prefix, actor.partition(" ")[0])
