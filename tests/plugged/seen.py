"""What there is of the app once it is installed. Run by `tests/architecture/test_an_app_plugs_in.py` alone."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from bigledger import clock
from bigledger.access.scopes import SCOPES
from bigledger.apps import business_apps
from bigledger.celery import Clock, app
from bigledger.docs import contracts
from bigledger.docs.openapi import document
from bigledger.management.commands import up
from bigledger.sandbox import demo as sandbox
from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import staff
from tests.conftest import Caller
from tests.plugged import tasks

SHOP = {"code": "SHOP", "name": "The shop"}


def test_its_resource_answers(acme: Caller) -> None:
    assert acme.post("/v1/cost-centers", SHOP).status == 201
    assert acme.post("/api/v1/cost-centers", SHOP).status == 409
    assert acme.get("/v1/cost-centers/cc_SHOP").body["name"] == "The shop"


def test_its_fields_are_in_the_schema(acme: Caller) -> None:
    query = 'mutation { createCostCenter(input: {code: "SHOP", name: "The shop"}) { id code } }'
    made = acme.post("/graphql", {"query": query}).body["data"]["createCostCenter"]
    query = '{ costCenter(id: "cc_SHOP") { id name } costCenters { totalCount } }'
    assert acme.post("/graphql", {"query": query}).body["data"] == {
        "costCenter": {"id": made["id"], "name": "The shop"},
        "costCenters": {"totalCount": 1},
    }


def test_its_report_answers(acme: Caller) -> None:
    acme.post("/v1/cost-centers", SHOP)
    assert acme.get("/v1/reports/cost_centers").body == {"type": "cost_centers", "count": 1}


def test_its_page_answers() -> None:
    assert Client().get("/cost-centers/page").status_code == 200


def test_it_is_described() -> None:
    paths = document()["paths"]
    assert "post" in paths["/v1/cost-centers"]
    assert "counted_on" in {parameter["name"] for parameter in paths["/v1/reports/cost_centers"]["get"]["parameters"]}
    assert "`cost_center.created`" in contracts.all_files()["docs/events.md"].decode()
    assert "`plugged.close` | hour | Closes cost centers." in contracts.all_files()["docs/operations.md"].decode()


def test_its_scopes_can_be_given(acme: Caller) -> None:
    assert {"read:cost_centers", "write:cost_centers"} <= SCOPES.keys()
    assert acme.post("/v1/api-keys", {"name": "narrow", "scopes": ["write:cost_centers"]}).status == 201


def test_the_clock_sends_its_job() -> None:
    app.loader.import_default_modules()
    sent = Clock(app=app, schedule_filename=str(settings.BIGLEDGER_HOME / "plugged")).schedule["close cost centers"]
    assert (sent.task, sent.options["queue"]) == ("plugged.close", "plugged")
    assert sent.task in app.tasks
    assert clock.jobs()["close cost centers"].every_seconds == 3600


def test_its_queue_has_a_worker() -> None:
    assert [child.argv[-3] for child in up.children() if child.name == "plugged"] == ["solo"]


def test_the_relay_wakes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bigledger.events.relay.run", lambda stop, on_numbered: on_numbered())
    monkeypatch.setattr("webhooks.wake.wake_deliveries", lambda: None)
    call_command("relay")
    assert tasks.woken == ["plugged"]


def test_its_gauge_is_shown(committed: None, settings: Any) -> None:
    settings.METRICS_TOKEN = "token"
    shown = Client().get("/metrics", headers={"authorization": "Bearer token"}).content.decode()
    assert "bigledger_cost_centers 0" in shown


def test_the_menu_shows_its_pages(acme: Caller) -> None:
    page = staff(acme).get("/admin/").content.decode()
    address = reverse("admin:plugged_costcenter_changelist")
    assert re.search(rf"Planning.*{address}.*hub", page, re.DOTALL)


def test_the_demo_has_its_step(acme: Caller) -> None:
    step = sandbox.steps()[-1]
    with tenant_context(acme.tenant):
        step(acme.principal)
    assert acme.get("/v1/cost-centers/cc_SHOP").body["name"] == "The shop"


def test_its_books_are_checked(committed: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_books")
    checks = [check for app in business_apps() if app.soundness for check in import_module(app.soundness).CHECKS]
    assert f"{len(checks)} checks each: the books are sound." in capsys.readouterr().out
