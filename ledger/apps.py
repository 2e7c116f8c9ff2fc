"""What the ledger plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Job, Report, Writers


class Ledger(BusinessApp):
    name = "ledger"
    routes = "ledger.urls"
    reports = {
        "trial_balance": Report("ledger.serializers.TrialBalanceParams", "ledger.reports.trial_balance.trial_balance")
    }
    scopes = {
        "accounts": Writers.ACCOUNTANTS,
        "journal_entries": Writers.ACCOUNTANTS,
        "documents": Writers.CLERKS,
    }
    jobs = {"fold balances of months gone by": Job("ledger.fold_balances", every_seconds=3600)}
