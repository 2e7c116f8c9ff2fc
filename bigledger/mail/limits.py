"""How many recipients a tenant may write to in a day, by its plan."""

from __future__ import annotations

import datetime

from django.utils import timezone

from bigledger.access.limits.plans import recipients_per_day
from bigledger.errors import BusinessRuleViolation
from bigledger.mail.rules import MAIL_LIMIT_REACHED
from bigledger.postgres.execute import fetch_numbers, fetch_one
from bigledger.postgres.statement import Statement
from bigledger.tenants.context import current_tenant

# What this transaction has queued already: `now()` is the same moment in all of a transaction.
_OWN = (
    "SELECT coalesce(sum(cardinality(m.to) + cardinality(m.cc)), 0), pg_current_xact_id()::text"
    " FROM mail_mail m WHERE m.tenant_id = app_tenant() AND m.created_at = now()"
)
_RESERVE = Statement("SELECT used, granted FROM mail_reserve({0}, {1}, {2}, {3}, {4})")


def reserve(recipients: int) -> None:
    """Takes `recipients` of today's from the tenant in context, in one short statement beside the transaction.

    The day is UTC's, by real time. Raises BusinessRuleViolation (`mail_limit_reached`).
    """
    tenant = current_tenant()
    cap = recipients_per_day(tenant)
    if cap is None:
        return
    own, transaction = fetch_one(_OWN)
    today = timezone.now().astimezone(datetime.UTC).date()
    wanted = own + recipients
    # A rehearsal is rolled back, and what it reserved with it.
    used, granted = fetch_numbers(_RESERVE, [tenant.id, today, transaction, wanted, cap], using="autonomous")
    if not granted:
        opens = datetime.datetime.combine(today + datetime.timedelta(days=1), datetime.time(), datetime.UTC)
        raise BusinessRuleViolation.of(
            MAIL_LIMIT_REACHED, plan=tenant.plan, most=cap, used=used or 0, wanted=wanted, opens=opens
        )
