from __future__ import annotations

from django.db import IntegrityError, transaction

from bigledger.access.principal import Principal
from bigledger.errors import Conflict, Detail
from bigledger.events.record import record
from tests.plugged.bodies import CostCenterBody, cost_center_bodies
from tests.plugged.events import COST_CENTER_CREATED
from tests.plugged.models import CostCenter


@transaction.atomic
def create_cost_center(*, code: str, name: str, acting: Principal) -> CostCenterBody:
    """A new cost center. Raises Conflict when the code is taken."""
    cost_center = CostCenter(code=code, name=name)
    try:
        with transaction.atomic():
            cost_center.save(force_insert=True)
    except IntegrityError:
        message = f"A cost center with code {code} already exists."
        raise Conflict(message, [Detail(message, field="code")]) from None
    body = cost_center_bodies([cost_center])[0]
    record(COST_CENTER_CREATED, cost_center.id, body, acting=acting)
    return body


def demo(acting: Principal) -> None:
    create_cost_center(code="SHOP", name="The shop", acting=acting)
