"""What the ledger plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Charts, Job, Report, Writers


class Ledger(BusinessApp):
    name = "ledger"
    routes = "ledger.urls"
    wording = "ledger.wording"
    schema = "ledger.schema"
    reports = {
        "trial_balance": Report(
            "ledger.serializers.TrialBalanceParams",
            "ledger.reports.trial_balance.trial_balance",
            sheet="ledger.reports.paper.trial_balance_sheet",
        ),
        "balance_sheet": Report(
            "ledger.serializers.BalanceSheetParams",
            "ledger.reports.balance_sheet.balance_sheet",
            sheet="ledger.reports.paper.balance_sheet_sheet",
        ),
        "income_statement": Report(
            "ledger.serializers.IncomeStatementParams",
            "ledger.reports.income_statement.income_statement",
            sheet="ledger.reports.paper.income_statement_sheet",
        ),
        "cash_flow": Report(
            "ledger.serializers.CashFlowParams",
            "ledger.reports.cash_flow.cash_flow",
            sheet="ledger.reports.paper.cash_flow_sheet",
        ),
        "general_ledger": Report(
            "ledger.serializers.GeneralLedgerParams",
            "ledger.reports.general_ledger.general_ledger",
            table="ledger.reports.general_ledger.general_ledger_table",
            sheet="ledger.reports.paper.general_ledger_sheet",
        ),
    }
    scopes = {
        "accounts": Writers.ACCOUNTANTS,
        "journal_entries": Writers.ACCOUNTANTS,
        "recurring_journal_entries": Writers.ACCOUNTANTS,
        "schedules": Writers.ACCOUNTANTS,
        "documents": Writers.CLERKS,
        "exchange_rates": Writers.ACCOUNTANTS,
        "fx_revaluations": Writers.ACCOUNTANTS,
        "periods": Writers.ACCOUNTANTS,
        "lock_exceptions": Writers.OWNERS,
    }
    checklist = "ledger.services.periods.checklist.items"
    jobs = {
        "fold balance slots into days": Job("ledger.fold_balances", every_seconds=3600),
        "reverse entries that are due": Job("ledger.reverse_entries", every_seconds=300),
        "post what is due of schedules": Job("ledger.post_schedules", every_seconds=300),
        "make recurring entries": Job("ledger.make_recurring_entries", every_seconds=300),
    }
    charts = Charts(("us", "uk", "ifrs"), "ledger.services.charts.apply_chart_named")
    start = "ledger.start.start"
    admin_group = "Books"
    admin_icons = {
        "Account": "account_balance",
        "JournalEntry": "receipt_long",
        "RecurringEntry": "event_repeat",
        "Schedule": "calendar_month",
        "Document": "description",
        "Period": "event_available",
        "ExchangeRate": "currency_exchange",
        "FxRevaluation": "price_change",
    }
    demo = (
        "ledger.demo.steps.chart_of_accounts",
        "ledger.demo.steps.source_document",
        "ledger.demo.steps.year_of_books",
    )
    soundness = "ledger.reports.soundness"
