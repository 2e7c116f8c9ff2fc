"""Kind: an address of the back office with the id of another tenant's row, or with no id at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from bigledger.access.models import User
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import DIALOG, row_of, staff
from tests.backoffice.test_every_page import filled  # noqa: F401 - a fixture
from tests.conftest import Caller

NOBODYS = "00000000-0000-0000-0000-000000000000"
ODD = ["nonsense", "_5F%00", "9" * 400, NOBODYS]
FORM = DIALOG | {"post": "yes", "reason": "r", "from_seq": "1", "name": "taken", "_save": "1"}


def detail_paths(model: Any) -> list[str]:
    """The addresses of one row's pages, with `{}` for its id."""
    found = []
    for pattern in admin.site._registry[model].get_urls():
        route = str(pattern.pattern)
        if "object_id" in route:
            path = route.replace("<path:object_id>", "{}")
            found.append(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{path}")
    return found


def state_of(caller: Caller, table: str) -> Any:
    with tenant_context(caller.tenant):
        return fetch_one(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t", [])


def test_there_are_addresses_to_sweep() -> None:
    paths = [path for model in admin.site._registry for path in detail_paths(model)]

    assert sum("reverse" in path or "revoke" in path for path in paths) >= 3
    assert len(paths) > 60
    assert not [path for path in paths if "history" in path]


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_another_tenants_row_is_not_there(filled: Caller, globex: Caller, model: Any) -> None:  # noqa: F811
    client = staff(filled)
    client.raise_request_exception = False
    theirs = row_of(globex, model)
    tables = ["events_pending", "webhooks_webhookdelivery", *([] if model is User else [model._meta.db_table])]
    before = [state_of(globex, table) for table in tables]
    for template in detail_paths(model):
        operation = template.rsplit("{}", 1)[1] not in ("/change/", "/delete/", "/")
        for given in [str(theirs.pk), *ODD]:
            for answer in (client.get(template.format(given)), client.post(template.format(given), FORM)):
                assert answer.status_code == 404 if operation else answer.status_code in (302, 403, 404), template
                assert "globex" not in answer.content.decode().lower()
    assert [state_of(globex, table) for table in tables] == before


def test_nobody_signed_in_gets_the_sign_in_page(globex: Caller) -> None:
    with tenant_context(globex.tenant):
        for model in admin.site._registry:
            for template in detail_paths(model):
                assert Client().get(template.format(NOBODYS)).status_code == 302
