"""The plan table of the reference, and the numbers agreed with one tenant alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from bigledger.tenants.models import Plan, Tenant


@dataclass(frozen=True, slots=True)
class Limits:
    """None is unlimited."""

    requests_per_hour: int | None
    burst_per_second: int | None
    concurrent_requests: int | None


PLANS: dict[str, Limits] = {
    Plan.FREE: Limits(1_000, 10, 5),
    Plan.STARTER: Limits(10_000, 50, 20),
    Plan.PROFESSIONAL: Limits(100_000, 200, 100),
    Plan.ENTERPRISE: Limits(None, None, None),
}
# Recipients of mails in a day; MAIL_RECIPIENTS_PER_DAY sets other numbers.
RECIPIENTS_PER_DAY: dict[str, int | None] = {
    Plan.FREE: 100,
    Plan.STARTER: 1_000,
    Plan.PROFESSIONAL: 10_000,
    Plan.ENTERPRISE: None,
}
_UNLIMITED = PLANS[Plan.ENTERPRISE]


def limits_of(tenant: Tenant) -> Limits | None:
    """What holds for this tenant; None when nothing limits it."""
    plan = PLANS[tenant.plan]
    own = (tenant.requests_per_hour, tenant.burst_per_second, tenant.concurrent_requests)
    if own != (None, None, None):
        hour, second, concurrent = own
        plan = Limits(
            plan.requests_per_hour if hour is None else hour,
            plan.burst_per_second if second is None else second,
            plan.concurrent_requests if concurrent is None else concurrent,
        )
    return None if plan == _UNLIMITED else plan


def recipients_per_day(tenant: Tenant) -> int | None:
    """How many recipients the tenant's mails of one day may have; None when nothing limits it."""
    agreed: dict[str, int] = settings.MAIL_RECIPIENTS_PER_DAY
    return agreed.get(tenant.plan, RECIPIENTS_PER_DAY[tenant.plan])
