"""What the start refuses about cards, and that staff look at sales without writing past the services."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from tests.running import ROOT

PRODUCTION = {
    "BIGLEDGER_ENVIRONMENT": "production",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "postgresql://user@localhost/books",
}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PAYMENT_GATEWAY": "sandbox"}, "PAYMENT_GATEWAY=sandbox takes card numbers"),
        ({"PAYMENT_GATEWAY": "stripe"}, "STRIPE_SECRET_KEY must be set"),
        ({"PAYMENT_GATEWAY": "paypal"}, "PAYMENT_GATEWAY must be sandbox, stripe or none"),
        ({"PUBLIC_URL": "books.example.com"}, "PUBLIC_URL must begin with"),
    ],
)
def test_a_deployment_that_would_take_real_numbers_does_not_start(
    environment: dict[str, str], message: str, tmp_path: os.PathLike[str]
) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import bigledger.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BIGLEDGER_HOME": str(tmp_path), **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 1
    assert message in started.stderr


def test_the_admin_shows_sales_and_writes_none() -> None:
    admin.autodiscover()
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser()
    ours = {
        model.__name__: page
        for model, page in admin.site._registry.items()
        if model._meta.app_label in ("customers", "invoicing")
    }

    assert set(ours) == {
        "Customer", "Product", "TaxRate", "Invoice", "CreditNote", "Payment", "RecurringInvoice",
    }  # fmt: skip
    for page in ours.values():
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)
