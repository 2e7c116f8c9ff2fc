"""A shop whose mails are committed, and a server that takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from tests.committed import behind_its_back, tenant
from tests.conftest import Caller
from tests.mail.smtp_server import Post, smtp_server
from tests.sales import Shop, at, shop

__all__ = ["at", "shop", "tenant"]


@pytest.fixture
def post() -> Iterator[Post]:
    """The SMTP server that mails go to in this test."""
    with smtp_server() as one, override_settings(**through(one)):
        yield one


def through(post: Post) -> dict[str, Any]:
    return {
        "EMAIL_BACKEND": "bigledger.mail.smtp.SmtpBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": post.port,
        "EMAIL_USE_TLS": False,
        "EMAIL_TIMEOUT": 1,
    }


def sent_to(shop: Shop, *addresses: str, **fields: Any) -> Any:
    """An invoice that is sent to these addresses."""
    invoice = shop.invoice("10.00")
    return shop.post(f"/v1/invoices/{invoice['id']}/send", to=list(addresses), **fields)


def delivery_of(shop: Shop, invoice: Any) -> Any:
    return shop.again(invoice)["delivery"]


def mails_of(caller: Caller) -> list[Mail]:
    with tenant_context(caller.tenant):
        return list(Mail.objects.order_by("id"))


@pytest.fixture
def committed_shop(tenant: Caller) -> Shop:
    """With it nothing is waiting: to deliver what other tests have left takes minutes, and after one a mail that
    failed is tried again."""
    behind_its_back("UPDATE mail_mail SET state = 'cancelled', encrypted_secret = NULL WHERE state = 'waiting'")
    one = Shop(tenant)
    one.customer(number="123456", name="Acme Corporation", email="accounts@acme.com", currency="USD")
    return one
