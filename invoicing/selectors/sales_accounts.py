"""The accounts that sales documents post to, as the settings show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bigledger.tenants.context import current_tenant
from invoicing.bodies import DepositAccountsBody
from invoicing.models import DepositAccount, PaymentMethod
from ledger.models import Account, AccountPurpose

# By the field of the settings.
PURPOSES: Mapping[str, AccountPurpose] = {
    "accounts_receivable_id": AccountPurpose.ACCOUNTS_RECEIVABLE,
    "sales_revenue_id": AccountPurpose.SALES_REVENUE,
    "sales_discounts_id": AccountPurpose.SALES_DISCOUNTS,
    "sales_tax_payable_id": AccountPurpose.SALES_TAX_PAYABLE,
    "customer_deposits_id": AccountPurpose.CUSTOMER_DEPOSITS,
    "bad_debt_id": AccountPurpose.BAD_DEBT,
    "small_differences_id": AccountPurpose.SMALL_DIFFERENCES,
    "bad_debt_allowance_id": AccountPurpose.BAD_DEBT_ALLOWANCE,
    "retained_earnings_id": AccountPurpose.RETAINED_EARNINGS,
    "realised_fx_id": AccountPurpose.REALISED_FX,
    "unrealised_fx_id": AccountPurpose.UNREALISED_FX,
    "card_fee_account_id": AccountPurpose.CARD_FEES,
}


def sales_accounts() -> dict[str, Any]:
    """The fields of the settings that are accounts, by their names."""
    rows = Account.objects.filter(currency=current_tenant().base_currency).exclude(purpose="")
    serving = dict(rows.values_list("purpose", "id"))
    deposits = dict(DepositAccount.objects.values_list("method", "account_id"))
    return {
        **{name: Account.public_id_of(serving.get(purpose)) for name, purpose in PURPOSES.items()},
        "deposit_accounts": DepositAccountsBody(
            **{method: Account.public_id_of(deposits.get(method)) for method in PaymentMethod.values}
        ),
    }
