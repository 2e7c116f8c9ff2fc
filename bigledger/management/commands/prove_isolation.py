"""`manage.py prove_isolation`: tries to reach one tenant's rows as another. Exit code 1 when it reaches any.

Its two tenants are made by the first proof, and stay for the next.
"""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bigledger.access.models import Membership, Role
from bigledger.access.principal import Principal
from bigledger.access.services import add_api_key, create_tenant
from bigledger.isolation import catalogue, requests
from bigledger.isolation.tally import Tally
from bigledger.sandbox.demo import SCOPES, steps
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan, Tenant


class Command(BaseCommand):
    help = "Makes two tenants with books, and tries to reach one's rows as the other, by SQL, REST and GraphQL."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_SANDBOX:
            raise CommandError("the proof makes two tenants, whose books stay; run it in a sandbox of the same version")
        (mine, my_key), (theirs, their_key) = self._made("mine"), self._made("theirs")
        me, they = requests.Client(my_key), requests.Client(their_key)
        tally = Tally(catalogue.everything_of(theirs))
        catalogue.try_everything(tally, mine, theirs)
        requests.try_everything(tally, me, requests.owned(they))
        for found in tally.foreign:
            self.stdout.write(found)
        self.stdout.write(f"{tally.probes} probes, {len(tally.foreign)} foreign rows")
        if tally.foreign:
            sys.exit(1)

    def _made(self, name: str) -> tuple[Tenant, str]:
        """The tenant with its books, which an earlier proof may have made, and a key of its owner."""
        title = f"Isolation proof, {name}"
        if (tenant := Tenant.objects.using("worker").filter(name=title).order_by("id").first()) is not None:
            with tenant_context(tenant):
                owner = Membership.objects.select_related("user").get(role=Role.OWNER).user
                return tenant, add_api_key(user=owner, name="Isolation proof", scopes=SCOPES)[1]
        new = create_tenant(name=title, plan=Plan.ENTERPRISE, owner_email=f"{name}@isolation.example")
        acting = Principal.of_member(new.tenant, new.user.id, Role.OWNER, credential="proof")
        with tenant_context(new.tenant.id):
            for step in steps():
                step(acting)
        return new.tenant, new.api_key
