"""Every operation of the API has a test file that is about it, and it is easy to find.

The file is `tests/<app>/test_<service>.py`, or `tests/<app>/test_<resource>.py` for all services of a resource;
`HOMES` names the others. The file calls the service by its name or by its address.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bigledger.api.views import ApiViewSet
from bigledger.reports import ReportViewSet
from tests.world import OPERATIONS

ROOT = Path(__file__).parents[2]
VIEWS = {operation.view: operation.route.partition("/")[0] for operation in OPERATIONS}
HOMES = {
    "post_opening_balances": "tests/scenarios/test_migration.py",
    "post_and_reverse": "tests/scenarios/test_accrued_wages.py",
    "revalue": "tests/scenarios/test_currencies.py",
    "post_each_journal_entry": "tests/api/test_bulk.py",
    "close_year": "tests/scenarios/test_year_end.py",
    "reopen_year": "tests/scenarios/test_year_end.py",
    "create_lock_exception": "tests/ledger/test_periods.py",
    "create_schedule_of": "tests/scenarios/test_schedules.py",
    "update_schedule": "tests/scenarios/test_schedules.py",
    "stop_schedule": "tests/scenarios/test_schedules.py",
    "void_schedule": "tests/scenarios/test_schedules.py",
    "create_invoices": "tests/invoicing/test_bulk.py",
    "send_invoices": "tests/invoicing/test_bulk.py",
    "void_invoices": "tests/invoicing/test_bulk.py",
    "unapply_payment": "tests/scenarios/test_corrections.py",
    "void_payment": "tests/scenarios/test_corrections.py",
    "unapply_credit_note": "tests/scenarios/test_corrections.py",
    "refund_credit_note": "tests/scenarios/test_corrections.py",
    "void_credit_note": "tests/scenarios/test_corrections.py",
    "undo_write_off": "tests/scenarios/test_corrections.py",
    "rotate_customer_link": "tests/security/test_hosted_links.py",
    "rotate_hosted_link": "tests/security/test_hosted_links.py",
    "redeliver": "tests/webhooks/test_delivery.py",
    "replay_events": "tests/webhooks/test_delivery.py",
    "rotate_secret": "tests/webhooks/test_delivery.py",
    "rotate_application_secret": "tests/access/test_applications.py",
    "change_role": "tests/access/test_members.py",
    "withdraw_invitation": "tests/access/test_members.py",
}


@dataclass(frozen=True)
class Service:
    """A service that a view calls: its name, the view's app and the first part of the view's address."""

    name: str
    app: str
    collection: str

    @property
    def homes(self) -> list[Path]:
        """Where its tests may be, the first place first."""
        folder = ROOT / "tests" / {"identity": "access"}.get(self.app, self.app)
        noun = self.name.partition("_")[2]
        plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
        named = [ROOT / HOMES[self.name]] if self.name in HOMES else []
        return [*named, folder / f"test_{self.name}.py", folder / f"test_{plural}.py"]

    def __str__(self) -> str:
        return self.name


def _called(view: type[ApiViewSet]) -> Iterator[str]:
    """The names of what the view calls in somebody's name: `acting=self.principal`. A report calls nothing."""
    if issubclass(view, ReportViewSet):
        return
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(view)))):
        if isinstance(node, ast.Call) and "acting" in {keyword.arg for keyword in node.keywords}:
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


SERVICES = sorted(
    {
        Service(name, view.__module__.removeprefix("bigledger.").partition(".")[0], collection)
        for view, collection in VIEWS.items()
        for name in _called(view)
    },
    key=str,
)


def test_the_walk_finds_the_services() -> None:
    assert len(SERVICES) > 50
    assert {service.name for service in SERVICES} >= {"create_account", "post_and_reverse", "send_invoice"}


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_a_service_has_a_file_that_is_about_it(service: Service) -> None:
    home = next((path for path in service.homes if path.exists()), None)

    assert home, f"{service} needs {service.homes[0].relative_to(ROOT)}"
    text = home.read_text()
    assert service.name in text or f"/{service.collection}" in text


def test_every_home_is_needed() -> None:
    assert set(HOMES) - {service.name for service in SERVICES} == set()
