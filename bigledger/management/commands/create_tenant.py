"""`manage.py create_tenant NAME --plan free --owner EMAIL --chart us --json`"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError as InvalidEmail
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.module_loading import import_string

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import NewTenant, create_tenant
from bigledger.apps import business_apps
from bigledger.errors import ApiError
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan

NO_CHART = "none"


def charts() -> dict[str, str]:
    """What applies each chart that an app has."""
    return {name: app.charts.apply for app in business_apps() if app.charts for name in app.charts.names}


@transaction.atomic
def _create(options: dict[str, Any]) -> NewTenant:
    new = create_tenant(
        name=options["name"],
        plan=options["plan"],
        owner_email=options["owner"],
        base_currency=options["base_currency"],
        time_zone=options["time_zone"],
    )
    if options["chart"] != NO_CHART:
        acting = Principal.of_member(new.tenant, new.user.id, Role.OWNER, credential="create_tenant")
        with tenant_context(new.tenant):
            import_string(charts()[options["chart"]])(options["chart"], acting)
    return new


class Command(BaseCommand):
    help = "Creates a tenant with its owner, and prints the credentials once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--plan", choices=Plan.values, default=Plan.FREE)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--base-currency", default="USD")
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--chart", choices=[*charts(), NO_CHART], default=NO_CHART, help="its first accounts")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["owner"])
            new = _create(options)
        except InvalidEmail:
            raise CommandError(f"--owner {options['owner']!r} is not an e-mail address") from None
        except ApiError as fault:
            raise CommandError("; ".join(detail.message for detail in fault.details) or fault.message) from None
        facts = {
            "tenant_id": str(new.tenant.id),
            "user_id": new.user.public_id,
            "api_key": new.api_key,
            "signing_secret": new.signing_secret,
        }
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            for name, value in facts.items():
                self.stdout.write(f"{name:15} {value}")
