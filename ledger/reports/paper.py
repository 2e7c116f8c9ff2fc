"""The ledger's reports on paper."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, islice
from typing import Any
from urllib.parse import quote

from bigledger.errors import ValidationFailed
from bigledger.typesetting.sheet import Cell, Line, Sheet, compared, compared_heads, period_of
from ledger.reports.balance_sheet import BalanceSheet
from ledger.reports.cash_flow import CashFlowStatement
from ledger.reports.general_ledger import GeneralLedger, general_ledger_table
from ledger.reports.income_statement import IncomeStatement
from ledger.reports.trial_balance import TrialBalance

MOST_ROWS = 5000
_SECTIONS = {
    "assets": "Assets",
    "liabilities": "Liabilities",
    "equity": "Equity",
    "revenue": "Revenue",
    "cost_of_goods_sold": "Cost of goods sold",
    "operating_expense": "Operating expenses",
    "other_revenue": "Other revenue",
    "other_expense": "Other expenses",
    "operating": "Operating activities",
    "investing": "Investing activities",
    "financing": "Financing activities",
}


def trial_balance_sheet(report: TrialBalance) -> Sheet:
    """Accounts with their debit and credit columns, and the other day's beside them when compared."""
    is_compared = "compare" in report.params
    heads = ["Debit", "Credit"]
    if is_compared:
        now, then, _ = compared_heads(report.params)
        heads = [f"Debit\n{now}", f"Credit\n{now}", f"Debit\n{then}", f"Credit\n{then}"]

    def figures(of: Any) -> list[Cell]:
        return [of.debit, of.credit, *((of.previous.debit, of.previous.credit) if is_compared else ())]

    lines = [Line("row", [row.account.code, row.account.name, *figures(row)], row.lines_url) for row in report.rows]
    lines.append(Line("total", ["", "Total", *figures(report.totals)]))
    period = period_of(report.params)
    return Sheet("Trial balance", period, report.currency, ["Code", "Account", *heads], lines)


def balance_sheet_sheet(report: BalanceSheet) -> Sheet:
    """Section by section; assets, and liabilities with equity, come to the same."""
    totals, lines = report.totals, []
    for section in ("assets", "liabilities", "equity"):
        lines += _section(section, report.rows)
        lines.append(Line("sum", ["", f"Total {section}", *compared(totals, section)]))
    both = [a + b for a, b in zip(compared(totals, "liabilities"), compared(totals, "equity"), strict=True)]  # type: ignore[operator]
    lines.append(Line("total", ["", "Total liabilities and equity", *both]))
    heads = ["Code", "Account", *compared_heads(report.params)]
    return Sheet("Balance sheet", period_of(report.params), report.currency, heads, lines)


def income_statement_sheet(report: IncomeStatement) -> Sheet:
    """Section by section, with the results between them."""
    totals, lines = report.totals, []
    for section, total, result in (
        ("revenue", "revenue", None),
        ("cost_of_goods_sold", "cost_of_goods_sold", ("Gross profit", "gross_profit")),
        ("operating_expense", "operating_expenses", ("Operating income", "operating_income")),
        ("other_revenue", "other_revenue", None),
        ("other_expense", "other_expenses", None),
    ):
        rows = _section(section, report.rows)
        if rows:
            title = _SECTIONS[section]
            lines += [*rows, Line("sum", ["", f"Total {title[0].lower()}{title[1:]}", *compared(totals, total)])]
        if result:
            lines.append(Line("sum", ["", result[0], *compared(totals, result[1])]))
    lines.append(Line("total", ["", "Net income", *compared(totals, "net_income")]))
    heads = ["Code", "Account", *compared_heads(report.params)]
    return Sheet("Income statement", period_of(report.params), report.currency, heads, lines)


def cash_flow_sheet(report: CashFlowStatement) -> Sheet:
    """The three sections, and from opening to closing cash. With the direct method, each label with its accounts."""
    totals, lines = report.totals, []
    is_direct = report.params["method"] == "direct"
    for section in ("operating", "investing", "financing"):
        lines += _section(section, report.rows, by_label=is_direct and section == "operating")
        name = f"Net cash from {_SECTIONS[section].lower()}"
        lines.append(Line("sum", ["", name, *compared(totals, section)]))
    lines += [
        Line("total", ["", "Net change in cash", *compared(totals, "net_change")]),
        Line("row", ["", "Cash at the beginning", *compared(totals, "opening_cash")]),
        Line("total", ["", "Cash at the end", *compared(totals, "closing_cash")]),
    ]
    heads = ["Code", "Account", *compared_heads(report.params)]
    facts = [f"{'Direct' if is_direct else 'Indirect'} method"]
    return Sheet("Cash flow statement", period_of(report.params), report.currency, heads, lines, facts=facts)


def general_ledger_sheet(report: GeneralLedger) -> Sheet:
    """The whole of it, account by account. Raises ValidationFailed when that is more than `MOST_ROWS` lines."""
    rows = list(islice(general_ledger_table(report), 1, MOST_ROWS + 2))
    if len(rows) > MOST_ROWS:
        message = f"A PDF has at most {MOST_ROWS:,} lines; ask for fewer days, one account, or CSV."
        raise ValidationFailed.at("format", message, "too_many")
    lines = list(_ledger_lines(rows))
    lines.append(Line("total", ["", "", "Total of all accounts", report.totals.debit, report.totals.credit, None]))
    heads = ["Date", "Entry", "Description", "Debit", "Credit", "Balance"]
    period = period_of(report.params)
    return Sheet("General ledger", period, report.currency, heads, lines, texts=3, wide=2)


def _ledger_lines(rows: Iterable[list[Any]]) -> Iterable[Line]:
    for kind, _, code, name, date, number, description, debit, credit, balance in rows:
        if kind == "opening":
            yield Line("section", [f"{code} {name}"])
            yield Line("row", ["", "", "Opening balance", None, None, balance])
        elif kind == "line":
            cells = [date, number, description, debit or None, credit or None, balance]
            yield Line("row", cells, f"/v1/journal-entries?number={quote(number)}")
        else:
            yield Line("sum", ["", "", "Closing balance", None, None, balance])


def _section(section: str, rows: Iterable[Any], *, by_label: bool = False) -> list[Line]:
    """The heading and the rows of a section, nothing when there are none; with labels, each has its sum below its
    rows."""
    found = [row for row in rows if row.section == section]
    lines = [Line("section", [_SECTIONS[section]])] if found else []
    for label, group in groupby(found, (lambda row: row.label) if by_label else (lambda row: None)):
        several = list(group)
        for row in several:
            name = row.account.name if row.account and by_label else row.label
            code = row.account.code if row.account else ""
            lines.append(Line("row", [code, name, *compared(row)], row.lines_url))
        if label:
            columns = zip(*(compared(row) for row in several), strict=True)
            lines.append(Line("sum", ["", label, *(sum(column) for column in columns)]))
    return lines
