"""A chart of accounts from a template, for books that have none."""

from __future__ import annotations

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import ApiError, BusinessRuleViolation
from bigledger.tenants.locks import lock
from ledger.bodies import AccountBody
from ledger.charts import TEMPLATES, ChartTemplate
from ledger.models import Account, AccountPurpose
from ledger.rules import ACCOUNTS_EXIST
from ledger.services.accounts import create_accounts, give_purpose

_FIELDS = ("code", "name", "type", "subtype", "cash_flow")


@transaction.atomic
def apply_chart_template(*, template: ChartTemplate, acting: Principal) -> list[AccountBody]:
    """Creates the accounts of the template, in the tenant's base currency, with their purposes.

    Raises BusinessRuleViolation (`accounts_exist`) when there is an account: a template is for books that begin.
    """
    lock("chart")
    if count := Account.objects.count():
        raise BusinessRuleViolation.of(ACCOUNTS_EXIST, count=count)
    accounts = [{name: row[name] for name in _FIELDS if row[name]} for row in template.accounts]
    created = create_accounts(accounts=accounts, acting=acting)
    bodies = [_sound(outcome) for outcome in created]
    for row in template.accounts:
        if row["purpose"]:
            account = Account.objects.get(code=row["code"])
            give_purpose(purpose=AccountPurpose(row["purpose"]), account=account, field="purpose", acting=acting)
    return bodies


def apply_chart_named(name: str, acting: Principal) -> None:
    """For the command that creates a tenant."""
    apply_chart_template(template=TEMPLATES[name], acting=acting)


def _sound(outcome: AccountBody | ApiError) -> AccountBody:
    """A fault in a template is ours, not the caller's."""
    if isinstance(outcome, ApiError):
        raise ValueError(f"a chart template is at fault: {outcome.message} {outcome.details}")
    return outcome
