"""The demo tenant: made once, through the services alone, with the keys to it kept on this machine.

Everything that the reference's examples name is here: account 1000 with 50,000.00, account 6100, document
`abc123`, customer 123456 and product 789. Each app of the business plugs in the steps that build its part.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from bigledger.access.models import ApiKey, Membership, Role, User
from bigledger.access.principal import Principal
from bigledger.access.secrets import digest
from bigledger.access.services import add_api_key, add_signing_secret, create_tenant, set_random_password
from bigledger.apps import business_apps
from bigledger.errors import PermissionDenied
from bigledger.identity.services.members import update_tenant
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan, Tenant

TENANT_NAME = "Demo Company"
OWNER_EMAIL = "demo@bigledger.example"
_SELLER = {
    "legal_name": "Demo Company Inc.",
    "address": {
        "line1": "200 Market Street",
        "city": "Portland",
        "state": "OR",
        "postal_code": "97204",
        "country": "US",
    },
    "tax_id": "93-1234567",
    "bank_account": "First Demo Bank\nRouting 000000000\nAccount 0001234567",
    "email": OWNER_EMAIL,
    "footer": "Demo Company Inc. is made up. Nothing is owed.",
}
SCOPES = ("read", "write", "admin")


class Demo(msgspec.Struct):
    """How to get into the demo. Kept in `demo.json` for this machine's user alone; the database holds hashes."""

    tenant_id: str
    api_key: str
    signing_secret: str
    admin_email: str
    admin_password: str


def ensure_demo() -> Demo:
    """The demo tenant's credentials; its books are built when they are not there, all or nothing.

    When the file with the credentials is lost or belongs to another database, new ones are issued and the
    sign-in gets a new password. Raises PermissionDenied outside the sandbox.
    """
    if not settings.IS_SANDBOX:
        raise PermissionDenied("Demo books are available in the sandbox only")
    path = settings.BIGLEDGER_HOME / "demo.json"
    with transaction.atomic():
        with connection.cursor() as cursor:  # two starts at once: the second waits and finds the first one's
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bigledger demo'))")
        member = _owner()
        if member is None:
            demo = _build()
        else:
            with tenant_context(member.tenant):
                demo = _stored(path) or _issue(member.tenant, User.objects.get(pk=member.user_id))
        _store(path, demo)
    return demo


def _owner() -> Membership | None:
    """The owner's membership, looked for among all tenants since it names the tenant."""
    rows = Membership.objects.using("worker").select_related("tenant")
    return rows.filter(user__email=OWNER_EMAIL, role=Role.OWNER, tenant__name=TENANT_NAME).order_by("id").first()


def _build() -> Demo:
    new = create_tenant(name=TENANT_NAME, plan=Plan.ENTERPRISE, owner_email=OWNER_EMAIL)
    acting = Principal.of_member(new.tenant, new.user.id, Role.OWNER, credential="demo")
    with tenant_context(new.tenant):
        update_tenant(changes=_SELLER, acting=acting)
    with tenant_context(new.tenant.id):
        for step in steps():
            step(acting)
    return _with_password(new.tenant, new.user, new.api_key, new.signing_secret)


def _issue(tenant: Tenant, user: User) -> Demo:
    _, api_key = add_api_key(user=user, name="Demo key", scopes=SCOPES)
    _, signing_secret = add_signing_secret(user=user)
    return _with_password(tenant, user, api_key, signing_secret)


def _with_password(tenant: Tenant, user: User, api_key: str, signing_secret: str) -> Demo:
    user.is_staff = user.is_superuser = True  # the sandbox's operator
    user.save(update_fields=["is_staff", "is_superuser"])
    return Demo(str(tenant.id), api_key, signing_secret, user.email, set_random_password(user=user))


def _stored(path: Path) -> Demo | None:
    """The credentials in the file, when they are still good for the tenant in context."""
    try:
        demo = msgspec.json.decode(path.read_bytes(), type=Demo)
    except (OSError, msgspec.DecodeError):
        return None
    is_known = ApiKey.objects.filter(digest=digest(demo.api_key), revoked_at__isnull=True).exists()
    return demo if is_known else None


def _store(path: Path, demo: Demo) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)  # also when it was there with other rights
        file.write(msgspec.json.format(msgspec.json.encode(demo), indent=2))


def steps() -> list[Callable[[Principal], None]]:
    """What apps plug in, in their order and in the order that each gives."""
    return [import_string(step) for app in business_apps() for step in app.demo]
